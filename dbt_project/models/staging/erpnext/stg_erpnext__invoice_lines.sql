with invoices as (

    select * from {{ source('erpnext', 'sales_invoice') }}
    where docstatus = 1 and coalesce(is_opening, 'No') <> 'Yes'

),

invoice_lines as (

    select * from {{ source('erpnext', 'sales_invoice_item') }}
    where item_code is not null

),

deliveries as (

    select * from {{ ref('base_erpnext__deliveries') }}

),

order_lines as (

    select * from {{ source('erpnext', 'sales_order_item') }}

),

customers as (

    select * from {{ source('erpnext', 'customer') }}

),

channels as (

    select * from {{ ref('base_erpnext__channels') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

final as (

    select
        invoice_lines.parent as invoice_id,
        cast(invoice_lines.idx as varchar) as line_id,
        coalesce(deliveries.order_id, invoice_lines.sales_order) as order_id,
        coalesce(deliveries.order_line_id, cast(order_lines.idx as varchar)) as order_line_id,
        coalesce(item_codes.item_id, invoice_lines.item_code) as item_id,
        invoices.customer as customer_id,
        -- An invoice of goods that left before it may name no warehouse: that of its delivery is meant.
        warehouses.site_id,
        channels.channel_id,
        invoices.posting_date as invoiced_date,
        -- Credit notes are negative in ERPNext already.
        {{ stock_units('invoice_lines', 'item_codes') }} as invoiced_units,
        cast(invoice_lines.net_amount as decimal(18, 4)) as net_amount,
        invoices.currency as currency_code,
        invoice_lines.source_file_sha256,
        invoice_lines.source_row_number
    from invoice_lines
    inner join invoices on invoice_lines.parent = invoices.name
    -- Of an invoice that moved the stock itself the delivery is its own line.
    left join deliveries
        on deliveries.delivery_row = case when invoices.update_stock then invoice_lines.name else invoice_lines.dn_detail end
    left join order_lines on invoice_lines.so_detail = order_lines.name
    left join customers on invoices.customer = customers.name
    left join channels on coalesce(invoices.customer_group, customers.customer_group) = channels.customer_group
    left join warehouses on coalesce(invoice_lines.warehouse, deliveries.warehouse) = warehouses.warehouse
    left join item_codes on invoice_lines.item_code = item_codes.item_code
    where {{ is_of_goods('item_codes') }}

)

select * from final
