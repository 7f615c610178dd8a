with of_items as (

    select * from {{ source('erpnext', 'uom_conversion_detail') }}

),

of_all as (

    select * from {{ source('erpnext', 'uom_conversion_factor') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}
    where item_code = item_id and is_planned

),

-- ERPNext repeats the stock unit with the factor 1.
final as (

    select
        item_codes.item_id,
        of_items.uom as from_uom_id,
        item_codes.stock_uom as to_uom_id,
        cast(of_items.conversion_factor as decimal(18, 6)) as numerator,
        cast(1 as decimal(18, 6)) as denominator,
        of_items.source_file_sha256,
        of_items.source_row_number
    from of_items
    inner join item_codes on of_items.parent = item_codes.item_id
    where of_items.uom <> item_codes.stock_uom

    union all

    select
        cast(null as varchar) as item_id,
        from_uom as from_uom_id,
        to_uom as to_uom_id,
        cast(value as decimal(18, 6)) as numerator,
        cast(1 as decimal(18, 6)) as denominator,
        source_file_sha256,
        source_row_number
    from of_all

)

select * from final
