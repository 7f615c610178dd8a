with orders as (

    select * from {{ source('adventureworks', 'sales_order_header') }}

),

order_lines as (

    select * from {{ source('adventureworks', 'sales_order_detail') }}

),

customers as (

    select * from {{ source('adventureworks', 'customer') }}

),

offers as (

    select * from {{ source('adventureworks', 'special_offer') }}

),

products as (

    select product_id, item_id from {{ ref('base_adventureworks__products') }}

),

company as (

    select site_id, currency_code, ship_to_due_days from {{ ref('base_adventureworks__company') }}

),

final as (

    select
        cast(order_lines.sales_order_id as varchar) as order_id,
        cast(order_lines.sales_order_detail_id as varchar) as line_id,
        'order' as order_type,
        coalesce(customers.account_number, cast(orders.customer_id as varchar)) as customer_id,
        case when orders.is_online_order then 'INTERNET' when not orders.is_online_order then 'RESELLER' end
            as channel_id,
        coalesce(products.item_id, cast(order_lines.product_id as varchar)) as item_id,
        company.site_id,
        orders.order_date as ordered_date,
        orders.due_date as requested_date,
        cast(null as date) as confirmed_date,
        -- The plant serves the demand on the day the goods have to leave, to be there on the day they are wanted. So the
        -- month is that of delivery and of revenue, and resellers, posted on the last days of a month or the first of the
        -- next, have one posting in every month; by month of order June 2011 has none and July two. No day has to be moved.
        cast({{ dbt.dateadd('day', '-company.ship_to_due_days', 'orders.due_date') }} as date) as demand_date,
        cast({{ dbt.dateadd('day', '-company.ship_to_due_days', 'orders.due_date') }} as date) as recorded_demand_date,
        cast(order_lines.ordered_quantity as decimal(18, 3)) as ordered_units,
        {{ product('order_lines.unit_price', '1 - cast(order_lines.unit_price_discount_ratio as double precision)', 'decimal(18,6)') }}
            as unit_price,
        cast(order_lines.line_total as decimal(18, 4)) as net_amount,
        company.currency_code,
        orders.status in (4, 6) as is_cancelled,
        -- Volume discounts are terms of sale, open to every order of that size.
        case when offers.offer_type not in ('No Discount', 'Volume Discount')
            then cast(offers.special_offer_id as varchar) end as activity_id,
        cast(null as timestamp) as changed_at,
        order_lines.source_file_sha256,
        order_lines.source_row_number
    from order_lines
    cross join company
    left join orders on order_lines.sales_order_id = orders.sales_order_id
    left join customers on orders.customer_id = customers.customer_id
    left join products on order_lines.product_id = products.product_id
    left join offers on order_lines.special_offer_id = offers.special_offer_id

)

select * from final
