with

shortages as (select * from {{ source('planning', 'resource_shortages') }}),

chains as (select * from {{ source('planning', 'shortage_chains') }}),

resources as (select * from {{ ref('dim_resources') }}),

sources as (select * from {{ ref('fct_sources') }}),

items as (select * from {{ ref('dim_items') }}),

suppliers as (select * from {{ ref('dim_suppliers') }}),

source_names as (
    {{ named_sources() }}
),

-- A chain ends in one limit, so that what hangs on limits adds up without counting a unit twice.
hanging_demand as (

    select
        cycle_id,
        scenario_id,
        step_type as shortage_type,
        object_id,
        step_period_start_date as period_start_date,
        sum(demand_units) as hanging_demand_units,
        sum(short_units) as hanging_short_units,
        sum(short_margin) as hanging_short_margin
    from chains
    where is_limit
    group by
        cycle_id,
        scenario_id,
        step_type,
        object_id,
        step_period_start_date

),

named_shortages as (

    select
        shortages.cycle_id,
        shortages.scenario_id,
        shortages.shortage_type,
        shortages.object_id,
        coalesce(
            resources.resource_name,
            source_names.source_name,
            items.item_name || ' at ' || {{ site_of_item_site('shortages.object_id') }},
            shortages.object_id
        ) as object_name,
        shortages.period_start_date,
        shortages.unit,
        shortages.required_quantity,
        shortages.available_quantity,
        shortages.short_quantity,
        shortages.short_ratio,
        shortages.shadow_price,
        shortages.price_from_quantity,
        shortages.price_to_quantity,
        shortages.price_of_less,
        shortages.price_of_more,
        shortages.saving_of_one_more,
        shortages.loss_of_one_less,
        shortages.confirmed_price,
        shortages.confirmed_step_quantity,
        shortages.is_confirmed,
        shortages.demand_at_risk_units,
        shortages.demand_at_risk_margin,
        coalesce(hanging_demand.hanging_demand_units, 0) as hanging_demand_units,
        coalesce(hanging_demand.hanging_short_units, 0) as hanging_short_units,
        coalesce(hanging_demand.hanging_short_margin, 0) as hanging_short_margin
    from shortages
    left join resources
        on
            shortages.object_id = resources.resource_id
            and shortages.shortage_type = 'resource'
    left join source_names
        on
            shortages.object_id = source_names.source_id
            and shortages.shortage_type in ('supplier', 'lane')
    left join items
        on
            {{ item_of_item_site('shortages.object_id') }} = items.item_id
            and shortages.shortage_type in ('storage', 'material')
    left join hanging_demand
        on
            shortages.cycle_id = hanging_demand.cycle_id
            and shortages.scenario_id = hanging_demand.scenario_id
            and shortages.shortage_type = hanging_demand.shortage_type
            and shortages.object_id = hanging_demand.object_id
            and shortages.period_start_date = hanging_demand.period_start_date

)

{{ select_contract('named_shortages') }}
