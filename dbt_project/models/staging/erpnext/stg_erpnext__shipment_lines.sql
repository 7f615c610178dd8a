with deliveries as (

    select * from {{ ref('base_erpnext__deliveries') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

final as (

    select
        deliveries.delivery_id as shipment_id,
        deliveries.line_id,
        deliveries.order_id,
        deliveries.order_line_id,
        deliveries.item_id,
        warehouses.site_id,
        deliveries.customer as customer_id,
        deliveries.posting_date as shipped_date,
        deliveries.delivered_units as shipped_units,
        deliveries.is_return,
        deliveries.batch_no as batch_id,
        deliveries.source_file_sha256,
        deliveries.source_row_number
    from deliveries
    left join warehouses on deliveries.warehouse = warehouses.warehouse

)

select * from final
