{{ config(materialized='table') }}

with prices as (

    select * from {{ source('erpnext', 'item_price') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

conversions as (

    select * from {{ source('erpnext', 'uom_conversion_detail') }}

),

final as (

    select
        prices.name,
        item_codes.item_id,
        prices.price_list,
        prices.selling,
        prices.buying,
        prices.customer,
        prices.supplier,
        prices.currency,
        coalesce(prices.valid_from, cast('2000-01-01' as date)) as valid_from_date,
        prices.valid_upto as valid_to_date,
        -- A price of another unit than the stock unit needs the item's factor; without it there is none.
        {{ stock_unit_price(
            'prices.price_list_rate',
            'case when coalesce(prices.uom, item_codes.stock_uom) = item_codes.stock_uom then 1 else conversions.conversion_factor end',
        ) }} as unit_price,
        prices.source_file_sha256,
        prices.source_row_number
    from prices
    inner join item_codes on prices.item_code = item_codes.item_code
    left join conversions
        on item_codes.item_id = conversions.parent
        and prices.uom = conversions.uom
    where item_codes.is_planned

)

select * from final
