{#- What the models under suspects/ find, in one table: SQL finds the rows, the gate on core judges them (quality/core.py). -#}
{% set suspects = ['exchange_rates', 'order_amounts', 'item_prices', 'bills', 'bill_overlaps', 'capacities', 'item_reuse', 'item_moves',
    'unit_factors'] %}
with

found as (
    {% for suspect in suspects %}
    select
        check_id,
        object_id,
        cast(measured_value as decimal(18, 6)) as measured_value,
        cast(limit_value as decimal(18, 6)) as limit_value,
        evidence
    from {{ ref('suspect_' ~ suspect) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

{{ select_contract('found') }}
