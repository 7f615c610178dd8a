with

stock_plan as (select * from {{ source('planning', 'stock_plan') }}),

positions as (select * from {{ ref('fct_inventory_position') }}),

items as (select * from {{ ref('dim_items') }}),

inventory_projection as (

    select
        stock_plan.cycle_id,
        stock_plan.scenario_id,
        stock_plan.item_id,
        stock_plan.site_id,
        items.item_type,
        items.category_id,
        items.family_id,
        stock_plan.period_start_date,
        stock_plan.opening_units,
        stock_plan.open_supply_units,
        stock_plan.received_units,
        stock_plan.consumed_units,
        stock_plan.sold_units,
        stock_plan.closing_units,
        stock_plan.target_units,
        stock_plan.below_target_units,
        stock_plan.above_maximum_units,
        positions.unit_cost,
        {{ product('stock_plan.closing_units', 'positions.unit_cost') }} as inventory_value,
        {{ product('stock_plan.target_units', 'positions.unit_cost') }} as target_value
    from stock_plan
    left join items on stock_plan.item_id = items.item_id
    left join positions
        on
            stock_plan.item_id = positions.item_id
            and stock_plan.site_id = positions.site_id

)

{{ select_contract('inventory_projection') }}
