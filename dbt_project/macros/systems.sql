{#- Which canonical tables the running system's staging supplies (vars `systems` in dbt_project.yml), and the erp and
    quarantine models made of them. To add a system: write models/staging/<system>/stg_<system>__<table>.sql for the tables
    that it has, in the columns of models/erp/_erp__models.yml, and list these tables under its name. Nothing after
    staging knows a system. -#}

{% macro supplies(table) %}
    {% set systems = var('systems') %}
    {% set system = env_var('SOP_SYSTEM') %}
    {% if system not in systems %}
        {{ exceptions.raise_compiler_error("SOP_SYSTEM is '" ~ system ~ "', known systems: " ~ systems.keys() | join(', ') ~ ". List its tables in dbt_project.yml under vars: systems.") }}
    {% endif %}
    {{ return(table in systems[system]) }}
{% endmacro %}

{% macro staging_model(table) %}
    {{ return(ref('stg_' ~ env_var('SOP_SYSTEM') ~ '__' ~ table)) }}
{% endmacro %}

{#- The body of erp.<table>: the rows that no rule keeps out. Typed and empty where the system has no such table. -#}
{% macro from_system(table) %}
    {% if supplies(table) %}
        {{ judged_rows(table) }},

        accepted as (
            select * from judged
            where rule_id is null
        )

        {{ select_contract('accepted') }}
    {% else %}
        {{ no_rows(model.columns.values()) }}
    {% endif %}
{% endmacro %}

{#- The body of quarantine.<table>: the rows that from_system keeps out, with the first rule broken and all problems. -#}
{% macro kept_out_of(table) %}
    {% if supplies(table) %}
        {{ judged_rows(table) }},

        kept_out as (
            select
                '{{ table }}' as table_name,
                rule_id,
                {{ row_key(table) }} as row_key,
                {{ object_column(table, ['item_id', 'component_item_id']) }} as item_id,
                {{ object_column(table, ['supplier_id']) }} as supplier_id,
                {{ object_column(table, erp_rules(table).get('units', [])[:1], 'decimal(18,3)') }} as quantity,
                {{ object_column(table, ['net_amount'], 'decimal(18,4)') }} as net_amount,
                {{ object_column(table, ['currency_code'] if 'net_amount' in erp_contract(table).columns else []) }} as currency_code,
                problem,
                source_file_sha256,
                source_row_number
            from judged
            where rule_id is not null
        )

        {{ select_contract('kept_out') }}
    {% else %}
        {{ no_rows(model.columns.values()) }}
    {% endif %}
{% endmacro %}

{#- The first of the columns that the table has, or null: what a row kept out is about. -#}
{% macro object_column(table, columns, data_type='varchar') %}
    {%- set declared = erp_contract(table).columns -%}
    {%- set had = columns | select('in', declared) | list -%}
    cast({{ had[0] if had else 'null' }} as {{ data_type }})
{%- endmacro %}

{#- Rows, quantity and money of a table's rows in a relation, where they have any: one row, for fct_data_quality. -#}
{% macro counted_rows(table, relation) %}
    {%- set units = erp_rules(table).get('units', [])[:1] -%}
    {%- set has_money = 'net_amount' in erp_contract(table).columns -%}
    select
        'erp.{{ table }}' as table_name,
        count(*) as row_count,
        {{ 'cast(sum(rows_of_table.' ~ units[0] ~ ') as decimal(28,3))' if units else 'cast(null as decimal(28,3))' }} as quantity,
        {{ 'cast(sum(' ~ product('rows_of_table.net_amount', 'rates.rate') ~ ') as decimal(28,4))' if has_money else 'cast(null as decimal(28,4))' }} as money
    from {{ relation }} as rows_of_table
    {%- if has_money %}
    left join rates on rows_of_table.currency_code = rates.currency_code
    {%- endif %}
{% endmacro %}

{% macro no_rows(columns) %}
    select
    {%- for column in columns %}
        cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
    {%- else %} 1 as nothing
    {%- endfor %}
    where 1 = 0
{% endmacro %}

{% macro row_key(table) %}
    {%- for column in erp_contract(table).grain -%}
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), '(empty)'){{ " || ' / ' || " if not loop.last }}
    {%- endfor -%}
{% endmacro %}

{#- What the YAML of erp.<table> says: columns, grain, what may not be empty and what values are allowed. The YAML is known
    once the project is parsed; a unit test overrides this macro. -#}
{% macro erp_contract(table) %}
    {% set contract = {'grain': [], 'columns': [], 'types': {}, 'required': [], 'accepted_values': {}} %}
    {% if execute %}
        {% set node = graph.nodes['model.' ~ project_name ~ '.' ~ table] %}
        {% do contract.update({'grain': node.config.meta.grain}) %}
        {% for column in node.columns.values() %}
            {% if column.name not in ('source_file_sha256', 'source_row_number') %}
                {% do contract.columns.append(column.name) %}
                {% do contract.types.update({column.name: column.data_type}) %}
                {% if column.constraints %}{% do contract.required.append(column.name) %}{% endif %}
                {% if column.config.meta.accepted_values is defined %}
                    {% do contract.accepted_values.update({column.name: column.config.meta.accepted_values}) %}
                {% endif %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(contract) }}
{% endmacro %}
