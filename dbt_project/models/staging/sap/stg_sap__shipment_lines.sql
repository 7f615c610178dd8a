with deliveries as (

    select * from {{ source('sap', 'likp') }}

),

delivery_items as (

    select * from {{ source('sap', 'lips') }}
    where coalesce(vgtyp, 'C') <> 'V'

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

final as (

    select
        {{ sap_shown('delivery_items.vbeln') }} as shipment_id,
        {{ sap_shown('delivery_items.posnr') }} as line_id,
        {{ sap_shown('delivery_items.vgbel') }} as order_id,
        {{ sap_shown('delivery_items.vgpos') }} as order_line_id,
        coalesce(items.item_id, {{ sap_shown('delivery_items.matnr') }}) as item_id,
        delivery_items.werks as site_id,
        {{ sap_shown('deliveries.kunag') }} as customer_id,
        deliveries.wadat_ist as shipped_date,
        {{ sap_base_units('delivery_items.lfimg', 'delivery_items.umvkz', 'delivery_items.umvkn') }} as shipped_units,
        deliveries.vbtyp = 'T' as is_return,
        delivery_items.source_file_sha256,
        delivery_items.source_row_number
    from delivery_items
    left join deliveries on delivery_items.vbeln = deliveries.vbeln
    left join items on delivery_items.matnr = items.matnr
    -- Only what has moved; an item without its header is kept out with a reason.
    where deliveries.vbeln is null or (deliveries.vbtyp in ('J', 'T') and deliveries.wadat_ist is not null)

)

select * from final
