{#- The shape that every KPI has, and the words of the scorecard.
    Add here: what all KPIs share. Keep out: the formula of a KPI (its model), what it is called (kpi_dictionary.sql). -#}

{#- Ends a KPI model: one row for the month it is about, from the CTEs `cycle` and `facts` (period_start_date, numerator,
    denominator, actual_value). There is always one row: a KPI that cannot be measured says why.
    `missing`: why there is no fact for the month. `zero`: why there is a fact but no value.
    A KPI model is ephemeral: a formula, no table of its own. All of them stand in kpi_measures, whose contract holds them. -#}
{% macro kpi_measure(kpi_id, missing, zero, month=none) %}
{{- config(materialized='ephemeral', contract={'enforced': false}) -}}
{%- set month = month or last_closed_month() -%}
measure as (

    select
        cycle.cycle_id,
        '{{ kpi_id }}' as kpi_id,
        {{ month }} as period_start_date,
        facts.numerator,
        facts.denominator,
        facts.actual_value,
        case
            when facts.actual_value is not null then null
            when facts.period_start_date is null then '{{ missing }}'
            else '{{ zero }}'
        end as no_data_reason
    from cycle
    left join facts on facts.period_start_date = {{ month }}

)

select
    cycle_id,
    kpi_id,
    period_start_date,
    numerator,
    denominator,
    actual_value,
    no_data_reason
from measure
{% endmacro %}

{#- A value or a distance as people read it: ratios in percent, the rest with their unit. -#}
{% macro kpi_words(value, ratio_suffix=' %') -%}
    case
        when unit = 'ratio' then cast(cast({{ value }} * 100 as decimal(18, 1)) as varchar) || '{{ ratio_suffix }}'
        else cast(cast({{ value }} as decimal(18, 1)) as varchar) || ' ' || unit
    end
{%- endmacro %}
