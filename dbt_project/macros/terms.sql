{#- Columns of the published marts as the contracts declare them, for dim_terms. Known when dbt runs, not when it parses. -#}
{% macro mart_columns() %}
    {% set terms = [] %}
    {% if execute %}
        {% for node in graph.nodes.values() %}
            {% if node.resource_type == 'model' and node.fqn[1] == 'marts' and node.config.meta.get('is_published', true) %}
                {% for column in node.columns.values() %}
                    {% do terms.append({
                        'term_id': node.name ~ '.' ~ column.name,
                        'table_name': node.name,
                        'column_name': column.name,
                        'term_name': column.name | replace('_', ' '),
                        'definition': column.description,
                        'unit': column.config.meta.get('unit'),
                    }) %}
                {% endfor %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(terms | sort(attribute='term_id')) }}
{% endmacro %}

{#- A text literal, or null. -#}
{% macro text_literal(text) -%}
    {%- if text is none -%} cast(null as varchar) {%- else -%} '{{ text | replace("'", "''") }}' {%- endif -%}
{%- endmacro %}
