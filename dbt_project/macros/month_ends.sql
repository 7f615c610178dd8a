{#- The month end nearest to a date: the end of its own month, or of the month before where that is closer. -#}
{% macro nearest_month_end(date_column) %}
    {%- set first_day = "cast(" ~ dbt.date_trunc('month', date_column) ~ " as date)" -%}
    {%- set last_day = dbt.last_day(date_column, 'month') -%}
    {%- set last_day_before = "cast(" ~ dbt.dateadd('day', -1, first_day) ~ " as date)" -%}
    case
        when {{ dbt.datediff(last_day_before, date_column, 'day') }} < {{ dbt.datediff(date_column, last_day, 'day') }}
            then {{ last_day_before }}
        else {{ last_day }}
    end
{%- endmacro %}
