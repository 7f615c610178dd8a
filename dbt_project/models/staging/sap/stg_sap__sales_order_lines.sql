with documents as (

    select * from {{ source('sap', 'vbak') }}

),

document_items as (

    select * from {{ source('sap', 'vbap') }}
    where matnr is not null

),

-- What was wanted when, and the day by which all that was promised is promised.
schedules as (

    select
        vbeln,
        posnr,
        min(case when wmeng > 0 then edatu end) as requested_date,
        max(case when bmeng > 0 then edatu end) as confirmed_date
    from {{ source('sap', 'vbep') }}
    group by vbeln, posnr

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

uom_factors as (

    select * from {{ ref('base_sap__uom_factors') }}

),

currency_shifts as (

    select * from {{ ref('base_sap__currency_shifts') }}

),

channels as (

    select code, code_text
    from {{ ref('base_sap__texts') }}
    where code_kind = 'channel'

),

joined as (

    select
        {{ sap_shown('document_items.vbeln') }} as order_id,
        {{ sap_shown('document_items.posnr') }} as line_id,
        case when documents.vbtyp = 'H' then 'return' when documents.vbtyp is not null then 'order' end as order_type,
        {{ sap_shown('documents.kunnr') }} as customer_id,
        coalesce(channels.code_text, documents.vtweg) as channel_id,
        coalesce(items.item_id, {{ sap_shown('document_items.matnr') }}) as item_id,
        document_items.werks as site_id,
        documents.audat as ordered_date,
        coalesce(schedules.requested_date, documents.vdatu) as requested_date,
        schedules.confirmed_date,
        {{ sap_base_units('document_items.kwmeng', 'document_items.umvkz', 'document_items.umvkn') }} as ordered_units,
        -- The price is for so many of a unit of its own, which need not be the one that was ordered in.
        {{ sap_line_price(
            'document_items.netpr', 'document_items.kpein', 'coalesce(document_items.kmein, document_items.vrkme)', 'document_items.vrkme',
            'document_items.umvkz', 'document_items.umvkn'
        ) }} as unit_price,
        {{ sap_amount('document_items.netwr', 'currency_shifts.shift') }} as net_amount,
        documents.waerk as currency_code,
        document_items.abgru is not null as is_cancelled,
        document_items.aktnr as activity_id,
        cast(documents.aedat as timestamp) as changed_at,
        document_items.source_file_sha256,
        document_items.source_row_number
    from document_items
    left join documents on document_items.vbeln = documents.vbeln
    left join schedules
        on document_items.vbeln = schedules.vbeln
        and document_items.posnr = schedules.posnr
    left join items on document_items.matnr = items.matnr
    left join uom_factors
        on document_items.matnr = uom_factors.matnr
        and document_items.kmein = uom_factors.uom_id
    left join currency_shifts on documents.waerk = currency_shifts.currency_code
    left join channels on documents.vtweg = channels.code
    -- Orders, scheduling agreements, deliveries free of charge and returns; an item without its header is kept out with a reason.
    where documents.vbeln is null or documents.vbtyp in ('C', 'E', 'F', 'I', 'H')

)

select
    order_id,
    line_id,
    order_type,
    customer_id,
    channel_id,
    item_id,
    site_id,
    ordered_date,
    requested_date,
    confirmed_date,
    requested_date as demand_date,
    requested_date as recorded_demand_date,
    ordered_units,
    unit_price,
    net_amount,
    currency_code,
    is_cancelled,
    activity_id,
    changed_at,
    source_file_sha256,
    source_row_number
from joined
