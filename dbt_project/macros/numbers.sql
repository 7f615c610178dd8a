{#- Numbers that come out alike on every engine. Add here: arithmetic on which engines differ. Keep out: what is computed. -#}

{#- A value in the given type. Where a double becomes a decimal, value * 10^scale is rounded half away from zero, in binary:
    so does DuckDB's cast. PostgreSQL's cast goes through the 15 digits that it would print: 1.005 would be 1.01 instead of
    1.00, and of 1234567890123.4567 the cents would be lost. -#}
{% macro rounded(expression, data_type) -%}
    {{ return(adapter.dispatch('rounded')(expression, data_type)) }}
{%- endmacro %}

{% macro default__rounded(expression, data_type) -%}
    {{ return('cast(' ~ expression ~ ' as ' ~ data_type ~ ')') }}
{%- endmacro %}

{% macro postgres__rounded(expression, data_type) -%}
    {%- if data_type.startswith('decimal(') -%}
        {%- set scale = data_type.split(',')[1].strip(' )') | int -%}
        {%- set unit = '1' if scale == 0 else '0.' ~ '0' * (scale - 1) ~ '1' -%}
        {{ return('cast(' ~ target.schema ~ '.rounded(' ~ expression ~ ', 1e' ~ scale ~ ', ' ~ unit ~ ') as ' ~ data_type ~ ')') }}
    {%- else -%}
        {{ return(default__rounded(expression, data_type)) }}
    {%- endif -%}
{%- endmacro %}

{#- A double is counted in units of the last decimal (exact up to 2^63 of them); a decimal is already exact. -#}
{% macro postgres_functions() %}
    create schema if not exists {{ target.schema }};
    create or replace function {{ target.schema }}.rounded(value double precision, units double precision, unit numeric)
    returns numeric language sql immutable strict parallel safe as $$
        select cast(cast(
            trunc(value * units)
            + case when abs(value * units - trunc(value * units)) >= 0.5 then sign(value) else 0 end
            as bigint) as numeric) * unit
    $$;
    create or replace function {{ target.schema }}.rounded(value numeric, units double precision, unit numeric)
    returns numeric language sql immutable parallel safe as $$ select value $$;
{% endmacro %}
