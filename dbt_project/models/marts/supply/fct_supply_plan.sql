with

flows as (select * from {{ source('planning', 'supply_plan') }}),

items as (select * from {{ ref('dim_items') }}),

supply_plan as (

    select
        flows.cycle_id,
        flows.scenario_id,
        flows.source_id,
        flows.source_type,
        flows.item_id,
        flows.site_id,
        items.family_id,
        flows.supplier_id,
        flows.from_site_id,
        flows.period_start_date,
        flows.released_units,
        flows.received_units,
        flows.flow_cost
    from flows
    left join items on flows.item_id = items.item_id

)

{{ select_contract('supply_plan') }}
