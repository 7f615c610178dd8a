with shipment_lines as (
    select * from {{ ref('shipment_lines') }}
),

sales_order_lines as (
    select * from {{ ref('sales_order_lines') }}
),

customers as (
    select * from {{ ref('customers') }}
),

-- The channel is that of the order; a shipment without one takes the customer's.
shipments as (
    select
        shipment_lines.shipment_id,
        shipment_lines.line_id,
        shipment_lines.order_id,
        shipment_lines.order_line_id,
        shipment_lines.item_id,
        shipment_lines.site_id,
        shipment_lines.customer_id,
        coalesce(sales_order_lines.channel_id, customers.channel_id) as channel_id,
        shipment_lines.shipped_date,
        shipment_lines.shipped_units,
        shipment_lines.is_return
    from shipment_lines
    inner join customers on shipment_lines.customer_id = customers.customer_id
    left join sales_order_lines
        on shipment_lines.order_id = sales_order_lines.order_id
        and shipment_lines.order_line_id = sales_order_lines.line_id
)

{{ select_contract('shipments') }}
