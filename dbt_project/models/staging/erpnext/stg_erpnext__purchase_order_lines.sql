-- A cancelled purchase order never was supply, and its amendment is an order of its own: drafts and cancelled ones are left out.
with orders as (

    select * from {{ source('erpnext', 'purchase_order') }}
    where docstatus = 1

),

order_lines as (

    select * from {{ source('erpnext', 'purchase_order_item') }}
    where not coalesce(delivered_by_supplier, false)

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

supplement as (

    select * from {{ source('erpnext', 'supplement_purchase_order_lines') }}

),

final as (

    select
        order_lines.parent as purchase_order_id,
        cast(order_lines.idx as varchar) as line_id,
        orders.supplier as supplier_id,
        coalesce(item_codes.item_id, order_lines.item_code) as item_id,
        warehouses.site_id,
        orders.transaction_date as ordered_date,
        coalesce(order_lines.expected_delivery_date, order_lines.schedule_date) as due_date,
        {{ stock_units('order_lines', 'item_codes') }} as ordered_units,
        -- Received is kept in the line's own unit.
        case when coalesce(order_lines.stock_uom, item_codes.stock_uom) = item_codes.stock_uom
            then {{ product('coalesce(order_lines.received_qty, 0)', 'order_lines.conversion_factor', 'decimal(18,3)') }} end
            as received_units,
        {{ stock_unit_price('order_lines.net_rate', 'order_lines.conversion_factor') }} as unit_price,
        {{ product('order_lines.qty', 'order_lines.net_rate') }} as net_amount,
        orders.currency as currency_code,
        coalesce(
            supplement.is_closed,
            orders.status in ('Closed', 'Completed') or coalesce(order_lines.received_qty, 0) >= order_lines.qty
        ) as is_closed,
        order_lines.source_file_sha256,
        order_lines.source_row_number
    from order_lines
    inner join orders on order_lines.parent = orders.name
    left join warehouses on order_lines.warehouse = warehouses.warehouse
    left join item_codes on order_lines.item_code = item_codes.item_code
    left join supplement
        on order_lines.parent = supplement.purchase_order_id
        and cast(order_lines.idx as varchar) = supplement.line_id
    where {{ is_of_goods('item_codes') }}

)

select * from final
