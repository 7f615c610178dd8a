{#- Tables and views of the working file, each made in one statement. dbt-duckdb builds a relation under another name, puts the
    old one aside, renames both and looks for indexes, so that readers keep it meanwhile: here nobody reads, each of those
    statements costs more than most models, and a model that fails is rolled back. Other engines build as their adapter does. -#}
{% materialization table, adapter='duckdb' %}
    {{ return({'relations': [build_working_relation('table')]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return({'relations': [build_working_relation('view')]}) }}
{% endmaterialization %}

{% macro build_working_relation(type) %}
    {%- set relation = this.incorporate(type=type) -%}
    {%- set existing = load_cached_relation(this) -%}
    {% do run_hooks(pre_hooks, inside_transaction=False) %}
    {% do run_hooks(pre_hooks, inside_transaction=True) %}
    {% call statement('main') -%}
        {%- if existing is not none %}drop {{ existing.type }} {{ existing }};{% endif %}
        {{ create_table_as(False, relation, model.compiled_code) if type == 'table' else create_view_as(relation, model.compiled_code) }}
    {%- endcall %}
    {% do run_hooks(post_hooks, inside_transaction=True) %}
    {% do adapter.commit() %}
    {% do run_hooks(post_hooks, inside_transaction=False) %}
    {{ return(relation) }}
{% endmacro %}
