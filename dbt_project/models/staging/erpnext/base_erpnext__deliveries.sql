{{ config(materialized='table') }}

with delivery_notes as (

    select * from {{ source('erpnext', 'delivery_note') }}
    where docstatus = 1

),

note_lines as (

    select * from {{ source('erpnext', 'delivery_note_item') }}

),

invoices as (

    select * from {{ source('erpnext', 'sales_invoice') }}
    where docstatus = 1 and update_stock and coalesce(is_opening, 'No') <> 'Yes'

),

invoice_lines as (

    select * from {{ source('erpnext', 'sales_invoice_item') }}

),

order_lines as (

    select * from {{ source('erpnext', 'sales_order_item') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

lines as (

    select
        note_lines.name as delivery_row,
        note_lines.parent as delivery_id,
        note_lines.idx,
        delivery_notes.posting_date,
        delivery_notes.customer,
        delivery_notes.customer_group,
        delivery_notes.currency,
        delivery_notes.is_return,
        delivery_notes.modified,
        note_lines.item_code,
        note_lines.stock_uom,
        abs(note_lines.stock_qty) as stock_qty,
        note_lines.net_rate,
        note_lines.conversion_factor,
        abs(note_lines.net_amount) as net_amount,
        note_lines.warehouse,
        note_lines.batch_no,
        note_lines.pricing_rules,
        note_lines.against_sales_order as sales_order,
        note_lines.so_detail,
        note_lines.source_file_sha256,
        note_lines.source_row_number
    from note_lines
    inner join delivery_notes on note_lines.parent = delivery_notes.name

    union all

    -- An invoice that moves the stock itself has no delivery note beside it.
    select
        invoice_lines.name as delivery_row,
        invoice_lines.parent as delivery_id,
        invoice_lines.idx,
        invoices.posting_date,
        invoices.customer,
        invoices.customer_group,
        invoices.currency,
        invoices.is_return,
        invoices.modified,
        invoice_lines.item_code,
        invoice_lines.stock_uom,
        abs(invoice_lines.stock_qty) as stock_qty,
        invoice_lines.net_rate,
        invoice_lines.conversion_factor,
        abs(invoice_lines.net_amount) as net_amount,
        invoice_lines.warehouse,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as pricing_rules,
        invoice_lines.sales_order,
        invoice_lines.so_detail,
        invoice_lines.source_file_sha256,
        invoice_lines.source_row_number
    from invoice_lines
    inner join invoices on invoice_lines.parent = invoices.name
    where invoice_lines.item_code is not null

),

-- ERPNext has no order of a return and asks for none of a sale: a delivery without an order, and every return, is its own.
final as (

    select
        lines.delivery_row,
        lines.delivery_id,
        cast(lines.idx as varchar) as line_id,
        lines.is_return or lines.sales_order is null as is_own_order,
        case when lines.is_return or lines.sales_order is null then lines.delivery_id else lines.sales_order end as order_id,
        case
            when lines.is_return or lines.sales_order is null then cast(lines.idx as varchar)
            else coalesce(cast(order_lines.idx as varchar), lines.so_detail)
        end as order_line_id,
        lines.posting_date,
        lines.customer,
        lines.customer_group,
        lines.currency,
        lines.is_return,
        lines.modified,
        coalesce(item_codes.item_id, lines.item_code) as item_id,
        {{ stock_units('lines', 'item_codes') }} as delivered_units,
        {{ stock_unit_price('lines.net_rate', 'lines.conversion_factor') }} as unit_price,
        cast(lines.net_amount as decimal(18, 4)) as net_amount,
        lines.warehouse,
        lines.batch_no,
        {{ first_pricing_rule('lines.pricing_rules') }} as activity_id,
        lines.source_file_sha256,
        lines.source_row_number
    from lines
    left join order_lines on lines.so_detail = order_lines.name
    left join item_codes on lines.item_code = item_codes.item_code
    where {{ is_of_goods('item_codes') }}

)

select * from final
