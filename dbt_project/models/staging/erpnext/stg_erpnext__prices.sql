with prices as (

    select * from {{ ref('base_erpnext__item_prices') }}
    where selling and customer is null

),

customers as (

    select * from {{ source('erpnext', 'customer') }}

),

channels as (

    select * from {{ ref('base_erpnext__channels') }}

),

-- A price list is that of the channels whose customers buy by it: by the customer's own list, else the nearest group's.
price_lists as (

    select distinct
        coalesce(customers.default_price_list, channels.default_price_list) as price_list,
        channels.channel_id
    from customers
    inner join channels on customers.customer_group = channels.customer_group
    where not customers.disabled

),

final as (

    select
        prices.item_id,
        price_lists.channel_id,
        prices.currency as currency_code,
        prices.valid_from_date,
        prices.valid_to_date,
        prices.unit_price,
        prices.source_file_sha256,
        prices.source_row_number
    from prices
    inner join price_lists on prices.price_list = price_lists.price_list

)

select * from final
