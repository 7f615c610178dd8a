with orders as (

    select * from {{ source('adventureworks', 'sales_order_header') }}

),

order_lines as (

    select * from {{ source('adventureworks', 'sales_order_detail') }}

),

customers as (

    select * from {{ source('adventureworks', 'customer') }}

),

products as (

    select product_id, item_id from {{ ref('base_adventureworks__products') }}

),

company as (

    select site_id from {{ ref('base_adventureworks__company') }}

),

-- An order leaves whole on the day in its header: there is no shipment document and no shipped quantity.
final as (

    select
        cast(order_lines.sales_order_id as varchar) as shipment_id,
        cast(order_lines.sales_order_detail_id as varchar) as line_id,
        cast(order_lines.sales_order_id as varchar) as order_id,
        cast(order_lines.sales_order_detail_id as varchar) as order_line_id,
        coalesce(products.item_id, cast(order_lines.product_id as varchar)) as item_id,
        company.site_id,
        coalesce(customers.account_number, cast(orders.customer_id as varchar)) as customer_id,
        orders.ship_date as shipped_date,
        cast(order_lines.ordered_quantity as decimal(18, 3)) as shipped_units,
        false as is_return,
        order_lines.source_file_sha256,
        order_lines.source_row_number
    from order_lines
    cross join company
    left join orders on order_lines.sales_order_id = orders.sales_order_id
    left join customers on orders.customer_id = customers.customer_id
    left join products on order_lines.product_id = products.product_id
    where orders.ship_date is not null

)

select * from final
