{#- Bounds beyond which a row of core is suspect (models/core/suspects). Add here: a bound of another suspect. Keep out:
    what is done about it (quality/core.py), what is weak but possible (finding_register.sql). -#}

{#- A rate this many times the one before it is inverted or in other units. -#}
{% macro rate_jump_factor() -%} 10 {%- endmacro %}

{#- A price this many times the standard cost, or the cost this many times the price, is per another number of units. -#}
{% macro price_to_cost_factor() -%} 50 {%- endmacro %}

{#- History this many times what was published for the same months, or as small a part of it, is told in another unit. -#}
{% macro units_changed_factor() -%} 1.5 {%- endmacro %}

{#- Share of the money ordered that items with such a price may carry. -#}
{% macro prices_off_maximum_ratio() -%} 0.01 {%- endmacro %}

{% macro bill_maximum_levels() -%} {{ return(20) }} {%- endmacro %}

{#- Steps from the leaves up: as many as levels may be, and one that shows who is deeper. -#}
{% macro bill_steps() -%}
    {{ return([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]) }}
{%- endmacro %}

{% macro bill_maximum_rows() -%} {{ return(10000000) }} {%- endmacro %}

{#- A validity without a start began before everything else. -#}
{% macro first_day_of_all() -%} cast('1901-01-01' as date) {%- endmacro %}
