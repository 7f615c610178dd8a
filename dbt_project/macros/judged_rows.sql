{#- The rows of a table's staging with the rule that keeps each out: `rule_id` is the first rule broken (empty = accepted),
    `problem` names all of them. Common table expressions up to `judged`; the caller goes on with a comma. -#}
{% macro judged_rows(table) %}
    {% set contract = erp_contract(table) %}
    {% set declared = erp_rules(table) %}
    {% set newest_by = declared.newest_by %}
    {% set references = declared.get('references', []) %}
    {% set rules = row_rules(declared, contract) %}
    {% set staging = staging_model(table) %}
    {% set known = {} %}
    {% for columns, referenced in references %}
        {% do known.update({columns: ref(referenced)}) %}
    {% endfor %}
    {#- Read three times. Where a staging is much work, once for all is cheaper; a light one (dbt_project.yml) is read again: of
        a long table the copy is dearer, and has to find room. -#}
    {#- A unit test of dbt knows no graph. -#}
    {% set is_light = graph.get('nodes', {}).get('model.' ~ project_name ~ '.' ~ staging.identifier, {}).get('config', {}).get('meta', {}).get('is_light') if execute %}
    with staged as {{ 'not materialized ' if is_light }}(
        {{ with_left_out_columns(staging, contract) }}
    ),

    repeated_keys as (
        select {{ contract.grain | join(', ') }}
        from staged
        group by {{ contract.grain | join(', ') }}
        having count(*) > 1
    ),

    repeated_rows as (
        select
            staged.*,
            {{ 'max(staged.' ~ newest_by ~ ') over (partition by ' ~ qualified('staged', contract.grain) ~ ')' if newest_by else 'null' }} as newest,
            row_number() over (
                partition by {{ qualified('staged', contract.grain) }}
                order by {{ 'staged.' ~ newest_by ~ ' desc nulls last, ' if newest_by }}staged.source_file_sha256, staged.source_row_number
            ) as copy_number
        from staged
        inner join repeated_keys on {{ same_key('staged', 'repeated_keys', contract) }}
    ),

    contents as (
        select distinct {{ contract.columns | join(', ') }}
        from repeated_rows
        where {{ newest_by ~ ' = newest or newest is null' if newest_by else '1 = 1' }}
    ),

    conflicting_keys as (
        select {{ contract.grain | join(', ') }}
        from contents
        group by {{ contract.grain | join(', ') }}
        having count(*) > 1
    ),

    compared as (
        select
            staged.*,
            {%- for columns, referenced in references %}
            case when known_{{ loop.index }}.{{ reference_grain(referenced, columns)[0] }} is null then 1 else 0 end as unknown_{{ loop.index }},
            {%- endfor %}
            case when conflicting_keys.{{ contract.grain[0] }} is not null then 1 else 0 end as is_conflicting,
            case when {{ 'repeated_rows.' ~ newest_by ~ ' is null and repeated_rows.newest is not null or repeated_rows.' ~ newest_by ~ ' < repeated_rows.newest' if newest_by else '1 = 0' }} then 1 else 0 end as is_superseded,
            case when repeated_rows.copy_number > 1 and conflicting_keys.{{ contract.grain[0] }} is null then 1 else 0 end as is_repeated
        from staged
        left join repeated_rows
            on {{ same_key('staged', 'repeated_rows', contract) }}
            and staged.source_file_sha256 = repeated_rows.source_file_sha256
            and staged.source_row_number = repeated_rows.source_row_number
        left join conflicting_keys on {{ same_key('staged', 'conflicting_keys', contract) }}
        {%- for columns, referenced in references %}
        left join {{ known[columns] }} as known_{{ loop.index }}
            on {{ reference_join(referenced, columns, 'known_' ~ loop.index) }}
        {%- endfor %}
    ),

    judged as (
        select
            compared.*,
            case
            {%- for rule_id, broken, problem in rules %}
                when {{ broken }} then '{{ rule_id }}'
            {%- endfor %}
            end as rule_id,
            substring(
            {%- for rule_id, broken, problem in rules %}
                case when {{ broken }} then '; {{ problem | replace("'", "''") }}' else '' end{{ ' ||' if not loop.last }}
            {%- endfor %}
                from 3
            ) as problem
        from compared
    )
{% endmacro %}

{#- All rules of a table, in the order in which they name a row: references, units, its own rules, contract, copies. -#}
{% macro row_rules(declared, contract) %}
    {% set rules = [] %}
    {% for columns, referenced in declared.get('references', []) %}
        {% set given = columns.split(', ') | join(' is not null and ') ~ ' is not null' %}
        {% do rules.append([columns | replace(', ', '_and_') ~ '_unknown', 'unknown_' ~ loop.index ~ ' = 1 and ' ~ given, columns ~ ' is not among the accepted rows of ' ~ referenced]) %}
    {% endfor %}
    {% for column in declared.get('units', []) %}
        {% do rules.append([column ~ '_not_convertible', column ~ ' is null', column ~ " is empty: no factor from the row's unit to the base unit of the item"]) %}
    {% endfor %}
    {% do rules.extend(declared.get('rules', [])) %}
    {% for column in contract.required if column not in declared.get('units', []) %}
        {% do rules.append([column ~ '_empty', column ~ ' is null', column ~ ' is empty']) %}
    {% endfor %}
    {% for column, values in contract.accepted_values.items() %}
        {% do rules.append([column ~ '_not_accepted', column ~ " not in ('" ~ values | join("', '") ~ "')", column ~ ' is none of ' ~ values | join(', ')]) %}
    {% endfor %}
    {% do rules.append(['superseded_row', 'is_superseded = 1', 'a newer row has the same key']) %}
    {% do rules.append(['conflicting_rows', 'is_conflicting = 1', 'another row has the same key and different content']) %}
    {% do rules.append(['repeated_row', 'is_repeated = 1 and is_superseded = 0', 'another row is the same word for word']) %}
    {{ return(rules) }}
{% endmacro %}

{% macro qualified(relation, columns) %}
    {%- for column in columns %}{{ relation }}.{{ column }}{{ ', ' if not loop.last }}{% endfor -%}
{% endmacro %}

{#- A key may have a part that is empty where the contract allows it: empty is then a value like another. -#}
{% macro same_key(left, right, contract) %}
    {%- for column in contract.grain -%}
        {{ left }}.{{ column }} {{ '=' if column in contract.required else 'is not distinct from' }} {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{% endmacro %}

{#- A system's staging may leave out columns of erp.<table> that may be empty: they are empty then. A required column that is
    missing, and one that erp.<table> does not have, are mistakes of the staging model. -#}
{% macro with_left_out_columns(staging, contract) %}
    {%- set found = adapter.get_columns_in_relation(staging) | map(attribute='name') | list if execute and not staging.is_cte else [] -%}
    {%- set known = contract.columns + ['source_file_sha256', 'source_row_number'] -%}
    {%- set missing = contract.required | reject('in', found) | list -%}
    {%- set strange = found | reject('in', known) | list -%}
    {%- if found and (missing or strange) -%}
        {{ exceptions.raise_compiler_error(
            staging.identifier ~ ' does not have the columns of the erp table: '
            ~ ('required and missing: ' ~ missing | join(', ') ~ '. ' if missing)
            ~ ('not in models/erp/_erp__models.yml: ' ~ strange | join(', ') ~ '.' if strange)) }}
    {%- endif -%}
    select
        {{ staging.identifier }}.*
        {%- for column in contract.columns if found and column not in found %},
        cast(null as {{ contract.types[column] }}) as {{ column }}
        {%- endfor %}
    from {{ staging }} as {{ staging.identifier }}
{% endmacro %}

{#- Columns of the referenced table that the columns of this table must meet: its grain. -#}
{% macro reference_grain(referenced, columns) %}
    {{ return({'items': ['item_id'], 'sites': ['site_id'], 'companies': ['company_id'], 'customers': ['customer_id'], 'suppliers': ['supplier_id'], 'resources': ['resource_id']}.get(referenced, columns.split(', '))) }}
{% endmacro %}

{% macro reference_join(referenced, columns, alias) %}
    {%- set keys = reference_grain(referenced, columns) -%}
    {%- for column in columns.split(', ') -%}
        staged.{{ column }} = {{ alias }}.{{ keys[loop.index0] }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{% endmacro %}
