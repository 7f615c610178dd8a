with

{% for kpi in kpi_dictionary() -%}
{{ kpi.kpi_id }} as (select * from {{ ref('kpi_' ~ kpi.kpi_id) }}),

{% endfor -%}
measures as (
    {% for kpi in kpi_dictionary() %}
    select
        cycle_id,
        kpi_id,
        period_start_date,
        numerator,
        denominator,
        actual_value,
        no_data_reason
    from {{ kpi.kpi_id }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

{{ select_contract('measures') }}
