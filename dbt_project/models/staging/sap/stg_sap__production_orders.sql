with order_items as (

    select * from {{ source('sap', 'afpo') }}
    where posnr = '0001'

),

headers as (

    select * from {{ source('sap', 'afko') }}

),

masters as (

    select * from {{ source('sap', 'aufk') }}

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

uom_factors as (

    select * from {{ ref('base_sap__uom_factors') }}

),

final as (

    select
        {{ sap_shown('order_items.aufnr') }} as production_order_id,
        coalesce(items.item_id, {{ sap_shown('order_items.matnr') }}) as item_id,
        order_items.dwerk as site_id,
        {{ to_base_units('order_items.psmng', 'uom_factors.numerator', 'uom_factors.denominator') }} as ordered_units,
        {{ to_base_units('coalesce(order_items.wemng, 0)', 'uom_factors.numerator', 'uom_factors.denominator') }} as completed_units,
        {{ to_base_units('coalesce(headers.iasmg, 0)', 'uom_factors.numerator', 'uom_factors.denominator') }} as scrapped_units,
        coalesce(headers.gstri, headers.gstrp) as start_date,
        headers.gltrp as due_date,
        headers.gltri as completed_date,
        case
            when {{ sap_is_set('masters.loekz') }} then 'cancelled'
            when {{ sap_is_set('order_items.elikz') }} or masters.idat2 is not null then 'closed'
            else 'open'
        end as order_status,
        order_items.source_file_sha256,
        order_items.source_row_number
    from order_items
    left join headers on order_items.aufnr = headers.aufnr
    left join masters on order_items.aufnr = masters.aufnr
    left join items on order_items.matnr = items.matnr
    left join uom_factors
        on order_items.matnr = uom_factors.matnr
        and order_items.amein = uom_factors.uom_id
    where masters.aufnr is null or masters.autyp in ('10', '40')

)

select * from final
