-- What goes back to the supplier is no receipt: it counts as rejected with the receipt that it came by.
with receipts as (

    select name, supplier, posting_date from {{ source('erpnext', 'purchase_receipt') }}
    where docstatus = 1 and not is_return

    union all

    -- goods that a subcontractor made
    select name, supplier, posting_date from {{ source('erpnext', 'subcontracting_receipt') }}
    where docstatus = 1 and not is_return

),

receipt_lines as (

    select
        parent, idx, item_code, stock_uom, conversion_factor, received_qty, rejected_qty, returned_qty, warehouse, rejected_warehouse,
        purchase_order, purchase_order_item, source_file_sha256, source_row_number
    from {{ source('erpnext', 'purchase_receipt_item') }}
    where purchase_order is not null

    union all

    select
        parent, idx, item_code, cast(null as varchar) as stock_uom, 1 as conversion_factor, received_qty, rejected_qty, returned_qty,
        warehouse, rejected_warehouse, purchase_order, purchase_order_item, source_file_sha256, source_row_number
    from {{ source('erpnext', 'subcontracting_receipt_item') }}
    where purchase_order is not null and not coalesce(is_scrap_item, false)

),

order_lines as (

    select * from {{ source('erpnext', 'purchase_order_item') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

final as (

    select
        -- The first line carries the number of the document.
        receipt_lines.parent || case when receipt_lines.idx = 1 then '' else '/' || cast(receipt_lines.idx as varchar) end
            as receipt_id,
        receipt_lines.purchase_order as purchase_order_id,
        cast(order_lines.idx as varchar) as line_id,
        receipts.supplier as supplier_id,
        coalesce(item_codes.item_id, receipt_lines.item_code) as item_id,
        warehouses.site_id,
        receipts.posting_date as received_date,
        case when coalesce(receipt_lines.stock_uom, item_codes.stock_uom) = item_codes.stock_uom
            then {{ product('receipt_lines.received_qty', 'receipt_lines.conversion_factor', 'decimal(18,3)') }} end
            as received_units,
        case when coalesce(receipt_lines.stock_uom, item_codes.stock_uom) = item_codes.stock_uom
            then {{ product('coalesce(receipt_lines.rejected_qty, 0)', 'receipt_lines.conversion_factor', 'decimal(18,3)') }}
                + cast(coalesce(receipt_lines.returned_qty, 0) as decimal(18, 3)) end
            as rejected_units,
        receipt_lines.source_file_sha256,
        receipt_lines.source_row_number
    from receipt_lines
    inner join receipts on receipt_lines.parent = receipts.name
    left join order_lines on receipt_lines.purchase_order_item = order_lines.name
    left join warehouses
        on coalesce(receipt_lines.warehouse, receipt_lines.rejected_warehouse) = warehouses.warehouse
    left join item_codes on receipt_lines.item_code = item_codes.item_code
    where {{ is_of_goods('item_codes') }}

)

select * from final
