with materials as (

    select * from {{ source('sap', 'mara') }}

),

display as (

    select cast(coalesce(max(case when {{ sap_is_set('flag0') }} then lmatnr end), 0) as integer) as shown_length
    from {{ source('sap', 'tmcnv') }}

),

shown as (

    select
        materials.matnr,
        materials.meins,
        {{ sap_shown('materials.matnr') }} as item_id,
        translate(materials.matnr, '0123456789', '') = '' as is_numeric,
        display.shown_length
    from materials
    cross join display

)

select
    matnr,
    case when is_numeric and length(item_id) < shown_length then lpad(item_id, shown_length, '0') else item_id end as item_id,
    meins as base_uom_id
from shown
