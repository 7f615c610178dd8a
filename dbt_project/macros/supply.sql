{#- Names of what limits a plan. An item-site is written item@site where one word must name it; where a part holds an @ itself, the word
    stays the name. -#}
{% macro item_of_item_site(column) -%}
    split_part({{ column }}, '@', 1)
{%- endmacro %}

{% macro site_of_item_site(column) -%}
    split_part({{ column }}, '@', 2)
{%- endmacro %}
