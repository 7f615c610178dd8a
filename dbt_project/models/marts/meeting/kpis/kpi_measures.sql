with

{% for kpi in kpi_dictionary() -%}
{{ kpi.kpi_id }} as (select * from {{ ref('kpi_' ~ kpi.kpi_id) }}),

{% endfor -%}
-- Each measure gets the contract's type before they meet: a union of decimals of many scales has too few digits for all.
measures as (
    {% for kpi in kpi_dictionary() %}
    {{ select_contract(kpi.kpi_id) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from measures
