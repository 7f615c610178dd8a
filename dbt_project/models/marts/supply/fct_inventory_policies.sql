with

safety_stocks as (select * from {{ source('planning', 'safety_stocks') }}),

policies as (select * from {{ source('planner', 'inventory_policies') }}),

positions as (select * from {{ ref('fct_inventory_position') }}),

items as (select * from {{ ref('dim_items') }}),

inventory_policies as (

    select
        safety_stocks.cycle_id,
        safety_stocks.item_id,
        safety_stocks.site_id,
        items.family_id,
        safety_stocks.abc_class,
        safety_stocks.xyz_class,
        safety_stocks.class_basis,
        safety_stocks.cycle_service_ratio,
        safety_stocks.fill_ratio,
        safety_stocks.service_basis,
        safety_stocks.safety_stock_units,
        {{ ratio('safety_stocks.safety_stock_units * ' ~ days_per_month(), 'safety_stocks.demand_units_per_month') }} as safety_stock_days,
        {{ product('safety_stocks.safety_stock_units', 'coalesce(positions.unit_cost, 0)') }} as safety_stock_value,
        safety_stocks.target_basis,
        safety_stocks.configured_units,
        safety_stocks.demand_distribution,
        safety_stocks.demand_part_units,
        safety_stocks.lead_time_part_units,
        safety_stocks.lead_time_months,
        safety_stocks.lead_time_basis,
        safety_stocks.lead_time_reason,
        safety_stocks.error_origins,
        safety_stocks.published_origins,
        policies.reason as people_reason,
        safety_stocks.owner
    from safety_stocks
    left join policies
        on
            safety_stocks.item_id = policies.item_id
            and safety_stocks.site_id = policies.site_id
    left join positions
        on
            safety_stocks.item_id = positions.item_id
            and safety_stocks.site_id = positions.site_id
    left join items on safety_stocks.item_id = items.item_id

)

{{ select_contract('inventory_policies') }}
