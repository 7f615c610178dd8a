-- Units that the plan of a closed month had and that were not made.
with

cycle as (select * from {{ ref('dim_cycle') }}),

open_supply as (select * from {{ ref('fct_open_supply') }}),

sources as (select * from {{ ref('fct_sources') }}),

source_inputs as (select * from {{ ref('fct_source_inputs') }}),

source_loads as (select * from {{ ref('fct_source_loads') }}),

production as (select * from {{ ref('fct_production_history') }}),

resource_hours as (select * from {{ ref('fct_resource_history') }}),

inventory as (select * from {{ ref('fct_inventory_history') }}),

published_plans as (select * from {{ source('published', 'fct_production_plan') }}),

planned as (
    {{ planned_production_of_closed_months() }}
),

full_resources as (

    select
        sources.item_id,
        sources.site_id,
        resource_hours.period_start_date,
        min(resource_hours.resource_id) as resource_id
    from resource_hours
    inner join source_loads on resource_hours.resource_id = source_loads.resource_id
    inner join sources on source_loads.source_id = sources.source_id
    where resource_hours.used_hours >= {{ full_resource_ratio() }} * resource_hours.available_hours
    group by sources.item_id, sources.site_id, resource_hours.period_start_date

),

empty_components as (

    select
        sources.item_id,
        sources.site_id,
        inventory.period_start_date,
        count(*) as components
    from inventory
    inner join source_inputs
        on
            inventory.item_id = source_inputs.item_id
            and inventory.site_id = source_inputs.site_id
    inner join sources
        on
            source_inputs.source_id = sources.source_id
            and sources.source_type = 'make'
    where inventory.usable_units <= 0
    group by sources.item_id, sources.site_id, inventory.period_start_date

),

-- What is open at the close is known of the last closed month alone.
in_work as (

    select
        open_supply.item_id,
        open_supply.site_id,
        {{ last_closed_month() }} as period_start_date,
        sum(open_supply.open_units) as open_units
    from open_supply
    cross join cycle
    where open_supply.supply_type = 'production'
    group by open_supply.item_id, open_supply.site_id, {{ last_closed_month() }}

),

missing_production as (

    select
        planned.item_id,
        planned.site_id,
        planned.period_start_date,
        planned.planned_units,
        greatest(planned.planned_units - coalesce(production.completed_units, 0), 0) as missing_units,
        least(
            coalesce(production.scrapped_units, 0),
            greatest(planned.planned_units - coalesce(production.completed_units, 0), 0)
        ) as scrapped_units,
        coalesce(in_work.open_units, 0) as open_units,
        full_resources.resource_id,
        coalesce(empty_components.components, 0) as empty_components
    from planned
    left join production
        on
            planned.item_id = production.item_id
            and planned.site_id = production.site_id
            and planned.period_start_date = production.period_start_date
    left join in_work
        on
            planned.item_id = in_work.item_id
            and planned.site_id = in_work.site_id
            and planned.period_start_date = in_work.period_start_date
    left join full_resources
        on
            planned.item_id = full_resources.item_id
            and planned.site_id = full_resources.site_id
            and planned.period_start_date = full_resources.period_start_date
    left join empty_components
        on
            planned.item_id = empty_components.item_id
            and planned.site_id = empty_components.site_id
            and planned.period_start_date = empty_components.period_start_date

),

-- What was scrapped is told off first, then what was still in work; the rest of an item's gap has one cause.
told_off as (

    select
        missing_production.*,
        least(missing_units - scrapped_units, open_units) as in_work_units
    from missing_production

),

production_causes as (
    {%- for cause, object, gap, due in [
        ("'scrapped'", "'none'", 'scrapped_units', 'planned_units'),
        ("'still_in_work'", "'none'", 'in_work_units', '0'),
        (
            "case when empty_components > 0 then 'component_missing' when resource_id is not null then 'resource_full' else 'unexplained' end",
            "case when empty_components = 0 and resource_id is not null then resource_id else 'none' end",
            'missing_units - scrapped_units - in_work_units', '0',
        ),
    ] %}
    select
        'plan_attainment_mix' as metric,
        'base units' as unit,
        period_start_date,
        site_id,
        item_id,
        item_id || '@' || site_id as evidence_id,
        {{ object }} as object_id,
        {{ cause }} as cause,
        cast({{ gap }} as decimal(18, 3)) as gap_quantity,
        cast({{ due }} as decimal(18, 3)) as due_quantity
    from told_off
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from production_causes
