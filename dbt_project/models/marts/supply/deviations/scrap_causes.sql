{#- Units started that are no good ones: as many as the routing's yield says, and what there is beyond (negative: fewer). -#}
with

production as (select * from {{ ref('fct_production_history') }}),

sources as (

    select * from {{ ref('fct_sources') }}
    where source_type = 'make' and production_version_id is null

),

scrap as (

    select
        production.item_id,
        production.site_id,
        production.period_start_date,
        cast(production.scrapped_units as decimal(18, 3)) as scrapped_units,
        cast(production.completed_units + production.scrapped_units as decimal(18, 3)) as started_units,
        {{ product('production.completed_units + production.scrapped_units', '1 - coalesce(sources.yield_ratio, 1)', 'decimal(18,3)') }} as expected_units
    from production
    left join sources
        on
            production.item_id = sources.item_id
            and production.site_id = sources.site_id

),

causes as (
    {% for cause, quantity in [('served', '0'), ('expected_scrap', 'expected_units'), ('excess_scrap', 'scrapped_units - expected_units')] %}
    select
        'yield' as metric,
        'base units' as unit,
        period_start_date,
        site_id,
        item_id,
        item_id || '@' || site_id as evidence_id,
        'none' as object_id,
        '{{ cause }}' as cause,
        cast({{ quantity }} as decimal(18, 3)) as gap_quantity,
        cast({{ 'started_units' if cause == 'served' else '0' }} as decimal(18, 3)) as due_quantity
    from scrap
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from causes
