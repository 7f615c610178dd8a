{#- Numbers, months and bounds that findings share, and how they are put into words.
    Add here: what two findings need. Keep out: what a finding is (finding_register.sql), which rows are one (its model). -#}

{#- The first day of the twelve closed months before the cycle. -#}
{% macro a_year_before(cycle) -%}
    {{ months_after(cycle ~ '.cycle_start_date', -12) }}
{%- endmacro %}

{#- An item with orders in so many months or fewer has not lived through a season and the same month again. -#}
{% macro short_life_months() -%} 13 {%- endmacro %}

{#- The words by which a row that lacks a unit factor is known in `problem` (judged_rows.sql writes them). -#}
{% macro no_factor_words() -%} no factor from the row''s unit {%- endmacro %}

{% macro number_words(number, decimals=0) -%}
    cast({{ rounded(number, 'decimal(18,' ~ decimals ~ ')') }} as varchar)
{%- endmacro %}

{#- `1 order`, `12 orders`. -#}
{% macro count_words(number, things) -%}
    cast(cast({{ number }} as bigint) as varchar) || case when {{ number }} = 1 then ' {{ things[:-1] }}' else ' {{ things }}' end
{%- endmacro %}

{% macro percent_words(part, whole) -%}
    cast({{ ratio('100 * ' ~ part, whole, 'decimal(18,1)') }} as varchar) || ' %'
{%- endmacro %}

{#- 2026-03. -#}
{% macro month_words(day) -%}
    substring(cast({{ day }} as varchar) from 1 for 7)
{%- endmacro %}

{% macro shift_words(shifts) -%}
    {{ number_words(shifts ~ '.before_units_per_month') }} || ' units a month before, ' || {{ number_words(shifts ~ '.after_units_per_month') }}
        || ' from ' || {{ month_words(shifts ~ '.period_start_date') }} || ' on'
{%- endmacro %}
