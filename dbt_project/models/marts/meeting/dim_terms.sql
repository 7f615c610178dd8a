{%- set columns = mart_columns() -%}
with

cycle as (select * from {{ ref('dim_cycle') }}),

kpis as (select * from {{ ref('kpi_dictionary') }}),

column_terms as (
    {% for term in columns %}
    select
        {{ text_literal(term.term_id) }} as term_id,
        {{ text_literal(term.table_name) }} as table_name,
        {{ text_literal(term.column_name) }} as column_name,
        {{ text_literal(term.term_name) }} as term_name,
        {{ text_literal(term.definition) }} as definition,
        {{ text_literal(term.unit) }} as unit
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as varchar) as term_id,
        cast(null as varchar) as table_name,
        cast(null as varchar) as column_name,
        cast(null as varchar) as term_name,
        cast(null as varchar) as definition,
        cast(null as varchar) as unit
    where 1 = 0
    {%- endfor %}

),

kpi_terms as (

    select
        kpi_id as term_id,
        cast(null as varchar) as table_name,
        cast(null as varchar) as column_name,
        kpi_name as term_name,
        formula as definition,
        unit
    from kpis

),

all_terms as (

    select * from column_terms
    union all
    select * from kpi_terms

),

terms as (

    select
        cycle.cycle_id,
        all_terms.term_id,
        all_terms.table_name,
        all_terms.column_name,
        all_terms.term_name,
        all_terms.definition,
        all_terms.unit
    from all_terms
    cross join cycle

)

{{ select_contract('terms') }}
