{#- The lake's files, seen as source tables. DuckDB reads the Parquet files in place; another engine dispatches its own
    prepare_engine (external tables, or tables that a loader has filled). Files of the running cycle only; earlier
    cycles enter as `published`, by the list of released files in SOP_PUBLISHED_FILES. -#}

{% macro attach_lake() %}
    {% if execute and flags.WHICH in ('build', 'run', 'test') %}
        {% do adapter.dispatch('prepare_engine')() %}
    {% endif %}
{% endmacro %}

{#- All views in one statement: asked one by one, they took longer than most models. -#}
{% macro duckdb__prepare_engine() %}
    {% set published = fromjson(env_var('SOP_PUBLISHED_FILES', '{}')) %}
    {% set in_lake = duckdb__lake_files() %}
    {% set schemas = [] %}
    {% set views = [] %}
    {% for source in graph.sources.values() %}
        {% if source.schema not in schemas %}
            {% do schemas.append(source.schema) %}
        {% endif %}
        {% if source.source_name == 'published' %}
            {% set files = published.get(source.name, []) %}
        {% else %}
            {% set files = [duckdb__lake_file(source.schema, source.name)] | select('in', in_lake) | list %}
        {% endif %}
        {% do views.append(duckdb__source_view(source, files)) %}
    {% endfor %}
    {% call statement('attach_lake', auto_begin=False) %}
        {% for schema in schemas %}create schema if not exists {{ adapter.quote(schema) }};{% endfor %}
        {{ views | select | join(';') }}
    {% endcall %}
{% endmacro %}

{#- Tables were filled by sop_pipeline/warehouse/postgres.py: hold its cycle against the run's. Text must sort by code point,
    as DuckDB sorts it: another collation picks other alternatives, sites and lanes wherever the first by name is taken. -#}
{% macro postgres__prepare_engine() %}
    {% do run_query(postgres_functions()) %}
    {% set sorts_by_code_point = run_query("select 'Z' < 'a' and 'a-c' < 'ab' as answer").columns[0].values()[0] %}
    {% if not sorts_by_code_point %}
        {{ exceptions.raise_compiler_error("Database '" ~ target.database ~ "' sorts text by the rules of a language. Create it with: create database " ~ target.database ~ " template template0 lc_collate 'C'.") }}
    {% endif %}
    {% do run_query('create schema if not exists lake; create table if not exists lake.loaded_cycle (cycle_id varchar)') %}
    {% set loaded = run_query('select cycle_id from lake.loaded_cycle').columns[0].values() | list %}
    {% if loaded != [env_var('SOP_CYCLE_ID')] %}
        {{ exceptions.raise_compiler_error("Database '" ~ target.database ~ "' holds the lake of cycle " ~ (loaded | join(', ') or 'none') ~ ', not ' ~ env_var('SOP_CYCLE_ID') ~ ': load that cycle first (sop_pipeline.warehouse.postgres.load_lake).') }}
    {% endif %}
{% endmacro %}

{#- The running cycle's files that are in the lake: none of a table where the step that writes it has not run yet. -#}
{% macro duckdb__lake_files() %}
    {{ return(run_query("select file from glob('" ~ duckdb__lake_file('*', '*') ~ "')").columns[0].values() | list) }}
{% endmacro %}

{% macro duckdb__lake_file(schema, table) %}
    {{ return(env_var('SOP_LAKE_DIR') ~ '/' ~ schema ~ '/' ~ table ~ '/cycle=' ~ env_var('SOP_CYCLE_ID') ~ '/data.parquet') }}
{% endmacro %}

{% macro duckdb__source_view(source, files) %}
    {% set create = 'create or replace view ' ~ adapter.quote(source.schema) ~ '.' ~ adapter.quote(source.name) ~ ' as ' %}
    {% set columns = [] %}
    {% for column in source.columns.values() %}
        {% do columns.append('cast(null as ' ~ column.data_type ~ ') as ' ~ adapter.quote(column.name)) %}
    {% endfor %}
    {% set empty = 'select ' ~ columns | join(', ') ~ ' where 1 = 0' %}
    {% set rows = "select * from read_parquet(['" ~ files | join("', '") ~ "'], union_by_name = true, hive_partitioning = false)" %}
    {% if files and source.source_name == 'published' %}
        {#- A column that no release had yet is empty. -#}
        {{ return(create ~ rows ~ ' union all by name ' ~ empty) }}
    {% elif files %}
        {{ return(create ~ rows) }}
    {% elif source.source_name in ('published', 'reference') %}
        {#- No release yet, or a lake without reference: a typed, empty table, so that the models run as in any other cycle. -#}
        {{ return(create ~ empty) }}
    {% endif %}
    {{ return('') }}
{% endmacro %}
