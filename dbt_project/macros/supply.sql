{#- Names of what limits a plan. An item-site is written item@site where one word must name it; where a part holds an @ itself, the word
    stays the name. -#}
{% macro item_of_item_site(column) -%}
    split_part({{ column }}, '@', 1)
{%- endmacro %}

{% macro site_of_item_site(column) -%}
    split_part({{ column }}, '@', 2)
{%- endmacro %}

{#- A cause of supply by name, for actions that answer it; it is the same in every cycle. -#}
{% macro supply_cause_id(metric, cause, object, site) -%} {{ metric }} || ':' || {{ cause }} || ':' || {{ object }} || '@' || {{ site }} {%- endmacro %}

{#- Share of what was due at a site that a cause costs in a month, from which on it is worth an action when it comes again. -#}
{% macro recurring_supply_ratio() -%} 0.01 {%- endmacro %}

{#- An empty text. -#}
{% macro no_text() -%} cast(null as {{ dbt.type_string() }}) {%- endmacro %}

{#- Value of a parameter of the company, as a scalar query. -#}
{% macro company_parameter(parameter_id) -%}
    (select max(parameter_value) from {{ ref('fct_parameters') }} where parameter_id = '{{ parameter_id }}' and scope = 'company')
{%- endmacro %}

{#- Closed months in which stock that nobody asks for must have fallen, else it is obsolete. -#}
{% macro still_months() -%} 6 {%- endmacro %}

{#- Months in a row that a machine may be short beyond overtime before hours alone will not do. -#}
{% macro capital_months() -%} 3 {%- endmacro %}

{#- A quantity in a sentence: whole units. -#}
{% macro said_units(quantity) -%}
    cast({{ rounded(quantity, 'decimal(18,0)') }} as {{ dbt.type_string() }})
{%- endmacro %}
