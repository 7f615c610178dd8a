with price_history as (

    select * from {{ source('adventureworks', 'product_list_price_history') }}

),

products as (

    select product_id, item_id from {{ ref('base_adventureworks__products') }}

),

company as (

    select currency_code, reseller_price_ratio from {{ ref('base_adventureworks__company') }}

),

channels as (

    select 'INTERNET' as channel_id, cast(1 as decimal(18, 6)) as price_ratio
    from company
    union all
    select 'RESELLER' as channel_id, reseller_price_ratio as price_ratio
    from company

),

final as (

    select
        coalesce(products.item_id, cast(price_history.product_id as varchar)) as item_id,
        channels.channel_id,
        company.currency_code,
        price_history.start_date as valid_from_date,
        price_history.end_date as valid_to_date,
        {{ product('price_history.list_price', 'channels.price_ratio', 'decimal(18,6)') }} as unit_price,
        price_history.source_file_sha256,
        price_history.source_row_number
    from price_history
    cross join channels
    cross join company
    left join products on price_history.product_id = products.product_id

)

select * from final
