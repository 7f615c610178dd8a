{{ config(materialized='table') }}

with orders as (
    select * from {{ source('odoo', 'mrp_production') }}
),

operation_types as (
    select * from {{ source('odoo', 'stock_picking_type') }}
),

warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
),

items as (
    select product_id, item_id from {{ ref('base_odoo__items') }}
)

select
    orders.id as production_id,
    orders.name as production_order_id,
    orders.product_id,
    coalesce(items.item_id, cast(orders.product_id as varchar)) as item_id,
    warehouses.site_id,
    warehouses.time_zone,
    orders.state,
    orders.product_qty,
    orders.product_uom_id,
    {{ odoo_day('coalesce(orders.date_start, orders.date_planned_start)', 'warehouses.time_zone') }} as start_date,
    -- What is called the end is the planned one until the order is done, and then the actual one.
    {{ odoo_day(
        "coalesce(orders.date_deadline, orders.date_planned_finished, orders.date_finished, orders.date_start, orders.date_planned_start)",
        'warehouses.time_zone'
    ) }} as due_date,
    case when orders.state = 'done' then {{ odoo_day('orders.date_finished', 'warehouses.time_zone') }} end as completed_date,
    orders.source_file_sha256,
    orders.source_row_number
from orders
left join operation_types on orders.picking_type_id = operation_types.id
left join warehouses on operation_types.warehouse_id = warehouses.warehouse_id
left join items on orders.product_id = items.product_id
where orders.state <> 'draft'
