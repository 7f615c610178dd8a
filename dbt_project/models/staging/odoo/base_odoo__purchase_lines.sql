{{ config(materialized='table') }}

with lines as (
    select
        *,
        {{ odoo_place('order_id', 'id') }} as place
    from {{ source('odoo', 'purchase_order_line') }}
),

orders as (
    select * from {{ source('odoo', 'purchase_order') }}
),

{{ odoo_named_by_lines() }},

operation_types as (
    select * from {{ source('odoo', 'stock_picking_type') }}
),

receipts as (
    select
        purchase_line_id,
        count(*) as moves,
        min(to_site_id) as site_id,
        sum(case when state not in ('done', 'cancel') then 1 else 0 end) as moves_open
    from {{ ref('base_odoo__moves') }}
    where purchase_line_id is not null and from_usage = 'supplier'
    group by purchase_line_id
)

-- Requests for quotation are no orders; a locked order (done) may still be waited for.
select
    lines.id as purchase_line_id,
    orders.name as purchase_order_id,
    cast(lines.place as varchar) as line_id,
    partners.partner_code as supplier_id,
    coalesce(items.item_id, cast(lines.product_id as varchar)) as item_id,
    -- Goods may be sent on to another warehouse than the order's.
    coalesce(receipts.site_id, warehouses.site_id) as site_id,
    {{ odoo_day('coalesce(orders.date_approve, orders.date_order)', 'companies.time_zone') }} as ordered_date,
    {{ odoo_day('lines.date_planned', 'companies.time_zone') }} as due_date,
    {{ to_base_units('lines.product_qty', 'factors.numerator', 'factors.denominator') }} as ordered_units,
    {{ to_base_units('lines.qty_received', 'factors.numerator', 'factors.denominator') }} as received_units,
    {{ rounded(
        'cast(lines.price_unit * factors.denominator as double precision)'
        ~ ' * (1 - cast(coalesce(lines.discount, 0) as double precision) / 100.0)'
        ~ ' / cast(factors.numerator as double precision)',
        'decimal(18,6)'
    ) }} as unit_price,
    {{ rounded(
        'cast(lines.product_qty as double precision) * cast(lines.price_unit as double precision)'
        ~ ' * (1 - cast(coalesce(lines.discount, 0) as double precision) / 100.0)',
        'decimal(18,4)'
    ) }} as net_amount,
    currencies.name as currency_code,
    orders.state = 'cancel'
    or lines.qty_received >= lines.product_qty
    or (receipts.moves > 0 and receipts.moves_open = 0) as is_closed,
    lines.source_file_sha256,
    lines.source_row_number
from lines
inner join orders on lines.order_id = orders.id
left join items on lines.product_id = items.product_id
left join factors
    on lines.product_id = factors.product_id
    and coalesce(lines.product_uom_id, lines.product_uom) = factors.uom_id
left join partners on orders.partner_id = partners.partner_id
left join operation_types on orders.picking_type_id = operation_types.id
left join warehouses on operation_types.warehouse_id = warehouses.warehouse_id
left join companies on orders.company_id = companies.company_id
left join currencies on orders.currency_id = currencies.id
left join receipts on lines.id = receipts.purchase_line_id
where
    lines.display_type is null
    and orders.state in ('purchase', 'done', 'cancel')
    and not coalesce(items.is_service, false)
    -- A cancelled request was never an order: only what was confirmed has movements.
    and (orders.state <> 'cancel' or receipts.moves > 0)
