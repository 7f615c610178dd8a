with alternative_units as (

    select * from {{ source('sap', 'marm') }}

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

final as (

    select
        coalesce(items.item_id, {{ sap_shown('alternative_units.matnr') }}) as item_id,
        alternative_units.meinh as from_uom_id,
        items.base_uom_id as to_uom_id,
        cast(alternative_units.umrez as decimal(18, 6)) as numerator,
        cast(alternative_units.umren as decimal(18, 6)) as denominator,
        alternative_units.source_file_sha256,
        alternative_units.source_row_number
    from alternative_units
    left join items on alternative_units.matnr = items.matnr
    -- the base unit itself stands in MARM as 1 to 1
    where items.base_uom_id is null or alternative_units.meinh <> items.base_uom_id

)

select * from final
