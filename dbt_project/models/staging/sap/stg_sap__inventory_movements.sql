with documents as (

    select * from {{ source('sap', 'mkpf') }}

),

document_items as (

    select * from {{ source('sap', 'mseg') }}
    where matnr is not null

),

stock_transports as (

    select ebeln, ebelp from {{ ref('base_sap__purchase_items') }}
    where is_stock_transport

),

transport_documents as (

    select distinct ebeln from stock_transports

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

currency_shifts as (

    select * from {{ ref('base_sap__currency_shifts') }}

),

joined as (

    select
        document_items.*,
        documents.budat,
        items.item_id,
        case when document_items.shkzg = 'S' then 1 else -1 end as sign,
        {{ sap_amount('document_items.dmbtr', 'currency_shifts.shift') }} as amount,
        -- A movement type and the one after it reverse each other: a reversal does not have the sign of its type.
        case
            when document_items.bwart in ('101', '105') and document_items.shkzg = 'S' and document_items.aufnr is not null
                then 'production'
            when document_items.bwart in ('101', '105') and document_items.shkzg = 'S' and transport_documents.ebeln is not null
                then 'transfer_in'
            when document_items.bwart in ('101', '105') and document_items.shkzg = 'S' then 'receipt'
            when document_items.bwart in ('201', '221', '261', '281') and document_items.shkzg = 'H' then 'consumption'
            when document_items.bwart = '601' and document_items.shkzg = 'H' then 'shipment'
            when document_items.bwart in ('651', '653', '655', '657') and document_items.shkzg = 'S' then 'customer_return'
            when document_items.bwart in ('122', '161') and document_items.shkzg = 'H' then 'supplier_return'
            when document_items.bwart in ('551', '553', '555') and document_items.shkzg = 'H' then 'scrap'
            when document_items.bwart in ('301', '303', '305', '311', '313', '315', '351', '641', '643', '647')
                then case when document_items.shkzg = 'S' then 'transfer_in' else 'transfer_out' end
            else 'adjustment'
        end as movement_type
    from document_items
    left join documents
        on document_items.mblnr = documents.mblnr
        and document_items.mjahr = documents.mjahr
    left join transport_documents on document_items.ebeln = transport_documents.ebeln
    left join items on document_items.matnr = items.matnr
    left join currency_shifts on document_items.waers = currency_shifts.currency_code

),

final as (

    select
        {{ sap_shown('mblnr') }} || '/' || cast(mjahr as varchar) as movement_id,
        {{ sap_shown('zeile') }} as line_id,
        budat as posted_date,
        movement_type,
        coalesce(item_id, {{ sap_shown('matnr') }}) as item_id,
        werks as site_id,
        cast(sign * menge as decimal(18, 3)) as moved_units,
        cast(sign * amount as decimal(18, 4)) as movement_amount,
        case when amount is not null then waers end as currency_code,
        coalesce({{ sap_shown('ebeln') }}, {{ sap_shown('aufnr') }}, {{ sap_shown('kdauf') }}) as document_id,
        source_file_sha256,
        source_row_number
    from joined

)

select * from final
