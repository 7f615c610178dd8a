{#- Arithmetic on months. Add here: anything that steps through the calendar and that core and marts share. -#}

{% macro months_after(date, months) -%}
    cast({{ dbt.dateadd('month', months, date) }} as date)
{%- endmacro %}

{#- A cycle is named by its month, YYYY-MM. -#}
{% macro cycle_month(cycle_id) -%}
    cast({{ cycle_id }} || '-01' as date)
{%- endmacro %}

{% macro last_closed_month() -%}
    {{ months_after('cycle.cycle_start_date', -1) }}
{%- endmacro %}
