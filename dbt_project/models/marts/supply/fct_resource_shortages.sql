with

shortages as (select * from {{ source('planning', 'resource_shortages') }}),

resources as (select * from {{ ref('dim_resources') }}),

sources as (select * from {{ ref('fct_sources') }}),

items as (select * from {{ ref('dim_items') }}),

suppliers as (select * from {{ ref('dim_suppliers') }}),

source_names as (

    select
        sources.source_id,
        items.item_name
        || case
            when sources.source_type = 'buy' then ' from ' || coalesce(suppliers.supplier_name, sources.supplier_id)
            when sources.source_type = 'move' then ' from ' || sources.from_site_id || ' to ' || sources.site_id
            else ' made at ' || sources.site_id
        end as source_name
    from sources
    inner join items on sources.item_id = items.item_id
    left join suppliers on sources.supplier_id = suppliers.supplier_id

),

named_shortages as (

    select
        shortages.cycle_id,
        shortages.scenario_id,
        shortages.shortage_type,
        shortages.object_id,
        coalesce(resources.resource_name, source_names.source_name, shortages.object_id) as object_name,
        shortages.period_start_date,
        shortages.unit,
        shortages.required_quantity,
        shortages.available_quantity,
        shortages.short_quantity,
        shortages.short_ratio,
        shortages.shadow_price,
        shortages.demand_at_risk_units,
        shortages.demand_at_risk_margin
    from shortages
    left join resources
        on
            shortages.object_id = resources.resource_id
            and shortages.shortage_type = 'resource'
    left join source_names
        on
            shortages.object_id = source_names.source_id
            and shortages.shortage_type in ('supplier', 'lane')

)

{{ select_contract('named_shortages') }}
