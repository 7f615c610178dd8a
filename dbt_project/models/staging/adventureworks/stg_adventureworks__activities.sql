with offers as (

    select * from {{ source('adventureworks', 'special_offer') }}

),

offered as (

    select * from {{ source('adventureworks', 'special_offer_product') }}

),

products as (

    select product_id, item_id from {{ ref('base_adventureworks__products') }}

),

company as (

    select order_to_ship_days from {{ ref('base_adventureworks__company') }}

),

-- Volume discounts are terms of sale, open to every order of that size. An offer is for orders; their goods leave later.
final as (

    select
        cast(offered.special_offer_id as varchar) as activity_id,
        coalesce(products.item_id, cast(offered.product_id as varchar)) as item_id,
        case offers.offer_category when 'Customer' then 'INTERNET' when 'Reseller' then 'RESELLER' end as channel_id,
        case offers.offer_type
            when 'Discontinued Product' then 'phase_out'
            when 'New Product' then 'npd'
            when 'Seasonal Discount' then 'promotion'
            when 'Excess Inventory' then 'promotion'
            else 'other'
        end as activity_type,
        offers.offer_name as activity_name,
        cast({{ dbt.dateadd('day', 'company.order_to_ship_days', 'offers.start_date') }} as date) as start_date,
        cast({{ dbt.dateadd('day', 'company.order_to_ship_days', 'offers.end_date') }} as date) as end_date,
        cast(offers.discount_ratio as decimal(18, 6)) as discount_ratio,
        offered.source_file_sha256,
        offered.source_row_number
    from offered
    inner join offers on offered.special_offer_id = offers.special_offer_id
    cross join company
    left join products on offered.product_id = products.product_id
    where offers.offer_type not in ('No Discount', 'Volume Discount')

)

select * from final
