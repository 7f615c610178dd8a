with orders as (
    select * from {{ ref('base_odoo__production_orders') }}
),

factors as (
    select * from {{ ref('base_odoo__uom_factors') }}
),

made as (
    select
        moves.production_id,
        moves.product_id,
        sum(moves.moved_units) as units
    from {{ ref('base_odoo__moves') }} as moves
    where moves.state = 'done' and moves.production_id is not null
    group by moves.production_id, moves.product_id
),

scrapped as (
    select
        scrap.production_id,
        scrap.product_id,
        sum({{ to_base_units('scrap.scrap_qty', 'factors.numerator', 'factors.denominator') }}) as units
    from {{ source('odoo', 'stock_scrap') }} as scrap
    left join factors on scrap.product_id = factors.product_id and scrap.product_uom_id = factors.uom_id
    where scrap.state = 'done' and scrap.production_id is not null
    group by scrap.production_id, scrap.product_id
)

select
    orders.production_order_id,
    orders.item_id,
    orders.site_id,
    {{ to_base_units('orders.product_qty', 'factors.numerator', 'factors.denominator') }} as ordered_units,
    coalesce(made.units, 0) as completed_units,
    coalesce(scrapped.units, 0) as scrapped_units,
    orders.start_date,
    orders.due_date,
    orders.completed_date,
    case orders.state when 'done' then 'closed' when 'cancel' then 'cancelled' else 'open' end as order_status,
    orders.source_file_sha256,
    orders.source_row_number
from orders
left join factors on orders.product_id = factors.product_id and orders.product_uom_id = factors.uom_id
left join made on orders.production_id = made.production_id and orders.product_id = made.product_id
left join scrapped on orders.production_id = scrapped.production_id and orders.product_id = scrapped.product_id
