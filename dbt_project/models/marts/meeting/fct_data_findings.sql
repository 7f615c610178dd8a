{#- Everything that the findings of macros/finding_register.sql find, from one model each. -#}
with

{% for finding in finding_register() -%}
{{ finding.finding_id }} as (select * from {{ ref('finding_' ~ finding.finding_id) }}),

{% endfor -%}
cycle as (select * from {{ ref('dim_cycle') }}),

found as (
    {% for finding in finding_register() %}
    select
        '{{ finding.finding_id }}' as finding_id,
        object_id,
        item_id,
        cast(quantity as decimal(18, 3)) as quantity,
        cast(value as decimal(18, 4)) as finding_value,
        evidence
    from {{ finding.finding_id }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

findings as (

    select
        cycle.cycle_id,
        found.finding_id,
        found.object_id,
        found.item_id,
        found.quantity,
        found.finding_value,
        found.evidence
    from found
    cross join cycle

)

{{ select_contract('findings') }}
