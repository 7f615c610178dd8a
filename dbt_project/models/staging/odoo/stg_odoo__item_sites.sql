{{ config(materialized='table') }}

with ways as (
    select
        product_id,
        warehouse_id,
        max(case when way = 'make' then 1 else 0 end) as is_made,
        max(case when way = 'buy' then 1 else 0 end) as is_bought,
        max(case when way = 'move' then 1 else 0 end) as is_moved
    from {{ ref('base_odoo__item_routes') }}
    group by product_id, warehouse_id
),

orderpoints as (
    select
        *,
        row_number() over (partition by product_id, warehouse_id order by id) as place
    from {{ source('odoo', 'stock_warehouse_orderpoint') }}
    where coalesce(active, true)
),

keys as (
    select product_id, warehouse_id from ways
    union
    select product_id, warehouse_id from orderpoints
),

items as (
    select * from {{ ref('base_odoo__items') }}
    where not is_service
),

warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
),

factors as (
    select * from {{ ref('base_odoo__uom_factors') }}
),

first_bills as (
    select
        product_id,
        warehouse_id,
        produce_delay
    from {{ ref('base_odoo__bills') }}
    where bom_alternative_id = '1'
),

supplement as (
    select * from {{ source('odoo', 'supplement_item_sites') }}
)

select
    items.item_id,
    warehouses.site_id,
    case
        when ways.is_made = 1 and ways.is_bought = 1 then 'both'
        when ways.is_made = 1 then 'make'
        when ways.is_bought = 1 then 'buy'
        when ways.is_moved = 1 then 'move'
    end as procurement_type,
    supplement.safety_stock_units,
    cast(nullif(orderpoints.product_max_qty, 0) as decimal(18, 3)) as maximum_stock_units,
    case when ways.is_made = 1
        then {{ rounded('coalesce(first_bills.produce_delay, items.produce_delay)', 'decimal(18,6)') }} end as make_lead_time_days,
    supplement.lot_minimum_units,
    coalesce(
        cast(nullif(orderpoints.qty_multiple, 0) as decimal(18, 3)),
        {{ to_base_units('1', 'factors.numerator', 'factors.denominator') }}
    ) as lot_multiple_units,
    coalesce(orderpoints.source_file_sha256, items.source_file_sha256) as source_file_sha256,
    coalesce(orderpoints.source_row_number, items.source_row_number) as source_row_number
from keys
inner join items on keys.product_id = items.product_id
inner join warehouses on keys.warehouse_id = warehouses.warehouse_id
left join ways on keys.product_id = ways.product_id and keys.warehouse_id = ways.warehouse_id
left join orderpoints
    on keys.product_id = orderpoints.product_id
    and keys.warehouse_id = orderpoints.warehouse_id
    and orderpoints.place = 1
left join first_bills on keys.product_id = first_bills.product_id and keys.warehouse_id = first_bills.warehouse_id
left join factors
    on orderpoints.product_id = factors.product_id
    and orderpoints.replenishment_uom_id = factors.uom_id
left join supplement
    on items.item_id = supplement.item_id
    and warehouses.site_id = supplement.site_id
