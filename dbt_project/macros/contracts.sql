{#- Select the columns that the model's YAML declares, in its order and with its types. A model ends with this line, so
    that its columns are written once, in the contract; dbt then enforces the same contract on what is built.
    A unit test knows no contract: there the model's own columns are compared with the expected ones. -#}
{% macro select_contract(relation) %}
    select
    {%- if execute and model.columns %}
        {%- for column in model.columns.values() %}
        {{ rounded(column.name, column.data_type) }} as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- else %} *
    {%- endif %}
    from {{ relation }}
{% endmacro %}

{#- Schemas are named as configured (erp, core, marts), without the target's prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) %}
    {{ return(custom_schema_name or target.schema) }}
{% endmacro %}
