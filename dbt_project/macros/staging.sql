{#- Building blocks of staging models. Staging renames, casts and brings quantities to base units; it filters nothing:
    whatever it cannot bring over it leaves empty, so that the row is kept out of erp with a reason. -#}

{#- The body of a staging model whose source table already has the canonical columns: the columns of the source's YAML.
    `added` are canonical columns that no delivery has, as name: SQL expression. -#}
{% macro as_delivered(source_name, table, added={}) %}
    with delivered as (
        select * from {{ source(source_name, table) }}
    )

    select
    {%- if execute %}
        {%- for column in graph.sources['source.' ~ project_name ~ '.' ~ source_name ~ '.' ~ table].columns.values() %}
        cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }},
        {%- endfor %}
    {%- endif %}
    {%- for column, expression in added.items() %}
        {{ expression }} as {{ column }},
    {%- endfor %}
        source_file_sha256,
        source_row_number
    from delivered
{% endmacro %}

{#- Quantity of an alternative unit in base units: quantity * numerator / denominator, empty without a factor. The fraction is
    exact; what comes out is rounded once. -#}
{% macro to_base_units(quantity, numerator, denominator, data_type='decimal(18,3)') -%}
    {{ exact_quotient(quantity, numerator, denominator, data_type) }}
{%- endmacro %}

{#- Price of one alternative unit as the price of one base unit. -#}
{% macro to_base_price(price, numerator, denominator) -%}
    {{ to_base_units(price, denominator, numerator, 'decimal(18,6)') }}
{%- endmacro %}
