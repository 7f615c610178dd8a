with

chains as (select * from {{ source('planning', 'shortage_chains') }}),

resources as (select * from {{ ref('dim_resources') }}),

sources as (select * from {{ ref('fct_sources') }}),

items as (select * from {{ ref('dim_items') }}),

suppliers as (select * from {{ ref('dim_suppliers') }}),

source_names as (
    {{ named_sources() }}
),

shortage_chains as (

    select
        chains.cycle_id,
        chains.scenario_id,
        chains.item_id,
        chains.site_id,
        chains.channel_id,
        chains.period_start_date,
        chains.step_number,
        items.item_name,
        chains.step_type,
        chains.object_id,
        coalesce(
            resources.resource_name,
            source_names.source_name,
            step_items.item_name || ' at ' || {{ site_of_item_site('chains.object_id') }},
            chains.object_id
        ) as object_name,
        chains.step_period_start_date,
        chains.quantity_per_unit,
        chains.shadow_price,
        chains.is_limit,
        chains.demand_units,
        chains.short_units,
        chains.short_margin
    from chains
    inner join items on chains.item_id = items.item_id
    left join resources
        on
            chains.object_id = resources.resource_id
            and chains.step_type = 'resource'
    left join source_names
        on
            chains.object_id = source_names.source_id
            and chains.step_type in ('make', 'buy', 'move', 'subcontract', 'supplier', 'lane')
    left join items as step_items
        on
            {{ item_of_item_site('chains.object_id') }} = step_items.item_id
            and chains.step_type in ('item_site', 'storage', 'material')

)

{{ select_contract('shortage_chains') }}
