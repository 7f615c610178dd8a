-- A cancelled purchase order never was supply, and its amendment is an order of its own: drafts and cancelled ones are left out.
with orders as (

    select * from {{ source('erpnext', 'purchase_order') }}
    where docstatus = 1

),

-- A subcontractor is paid for a service; what comes is the good that he makes. Up to 13 the line names it itself.
order_lines as (

    select
        lines.*,
        coalesce(orders.is_subcontracted in ('1', 'Yes') and lines.fg_item is not null and lines.fg_item_qty > 0, false) as is_made_outside
    from {{ source('erpnext', 'purchase_order_item') }} as lines
    inner join orders on lines.parent = orders.name
    where not coalesce(lines.delivered_by_supplier, false)

),

made_outside as (

    select
        lines.purchase_order_item,
        sum(lines.received_qty) as received_units
    from {{ source('erpnext', 'subcontracting_receipt_item') }} as lines
    inner join {{ source('erpnext', 'subcontracting_receipt') }} as receipts on lines.parent = receipts.name
    where receipts.docstatus = 1 and not coalesce(lines.is_scrap_item, false)
    group by lines.purchase_order_item

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
        coalesce(item_codes.item_id, case when order_lines.is_made_outside then order_lines.fg_item else order_lines.item_code end) as item_id,
        warehouses.site_id,
        orders.transaction_date as ordered_date,
        coalesce(order_lines.expected_delivery_date, order_lines.schedule_date) as due_date,
        case when order_lines.is_made_outside then cast(order_lines.fg_item_qty as decimal(18, 3))
            else {{ stock_units('order_lines', 'item_codes') }} end as ordered_units,
        -- Received is kept in the line's own unit.
        case
            when order_lines.is_made_outside then cast(coalesce(made_outside.received_units, 0) as decimal(18, 3))
            when coalesce(order_lines.stock_uom, item_codes.stock_uom) = item_codes.stock_uom
            then {{ product('coalesce(order_lines.received_qty, 0)', 'order_lines.conversion_factor', 'decimal(18,3)') }} end
            as received_units,
        case
            when order_lines.is_made_outside
                then {{ ratio('order_lines.qty * order_lines.net_rate', 'order_lines.fg_item_qty', 'decimal(18,6)') }}
            else {{ stock_unit_price('order_lines.net_rate', 'order_lines.conversion_factor') }}
        end as unit_price,
        {{ product('order_lines.qty', 'order_lines.net_rate') }} as net_amount,
        orders.currency as currency_code,
        coalesce(
            supplement.is_closed,
            orders.status in ('Closed', 'Completed')
            or case when order_lines.is_made_outside then coalesce(made_outside.received_units, 0) >= order_lines.fg_item_qty
                else coalesce(order_lines.received_qty, 0) >= order_lines.qty end
        ) as is_closed,
        order_lines.source_file_sha256,
        order_lines.source_row_number
    from order_lines
    inner join orders on order_lines.parent = orders.name
    left join warehouses on order_lines.warehouse = warehouses.warehouse
    left join made_outside on order_lines.name = made_outside.purchase_order_item
    left join item_codes
        on case when order_lines.is_made_outside then order_lines.fg_item else order_lines.item_code end = item_codes.item_code
    left join supplement
        on order_lines.parent = supplement.purchase_order_id
        and cast(order_lines.idx as varchar) = supplement.line_id
    where {{ is_of_goods('item_codes') }}

)

select * from final
