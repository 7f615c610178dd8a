with

cycle as (select * from {{ ref('dim_cycle') }}),

kpis as (
    {% for kpi in kpi_dictionary() %}
    select
        {{ text_literal(kpi.kpi_id) }} as kpi_id,
        {{ text_literal(kpi.kpi_name) }} as kpi_name,
        {{ text_literal(kpi.process_step) }} as process_step,
        {{ text_literal(kpi.unit) }} as unit,
        {{ text_literal(kpi.better_is) }} as better_is,
        {{ text_literal(kpi.formula) }} as formula,
        {{ text_literal(kpi.source) }} as source,
        {{ text_literal(kpi_status_rule(kpi.better_is)) }} as status_rule
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

dictionary as (

    select
        cycle.cycle_id,
        kpis.kpi_id,
        kpis.kpi_name,
        kpis.process_step,
        kpis.unit,
        kpis.better_is,
        kpis.formula,
        kpis.source,
        kpis.status_rule
    from kpis
    cross join cycle

)

{{ select_contract('dictionary') }}
