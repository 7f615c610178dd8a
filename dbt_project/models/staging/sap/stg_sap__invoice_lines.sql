with billing_documents as (

    select * from {{ source('sap', 'vbrk') }}

),

billing_items as (

    select * from {{ source('sap', 'vbrp') }}
    where matnr is not null

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

currency_shifts as (

    select * from {{ ref('base_sap__currency_shifts') }}

),

channels as (

    select code, code_text
    from {{ ref('base_sap__texts') }}
    where code_kind = 'channel'

),

-- A credit memo stands positive in SAP and negative here.
joined as (

    select
        {{ sap_shown('billing_items.vbeln') }} as invoice_id,
        {{ sap_shown('billing_items.posnr') }} as line_id,
        {{ sap_shown('billing_items.aubel') }} as order_id,
        {{ sap_shown('billing_items.aupos') }} as order_line_id,
        coalesce(items.item_id, {{ sap_shown('billing_items.matnr') }}) as item_id,
        {{ sap_shown('billing_documents.kunag') }} as customer_id,
        billing_items.werks as site_id,
        coalesce(channels.code_text, billing_documents.vtweg) as channel_id,
        billing_documents.fkdat as invoiced_date,
        case when billing_documents.vbtyp = 'O' then -1 else 1 end as sign,
        {{ sap_base_units('billing_items.fkimg', 'billing_items.umvkz', 'billing_items.umvkn') }} as units,
        {{ sap_amount('billing_items.netwr', 'currency_shifts.shift') }} as amount,
        billing_documents.waerk as currency_code,
        billing_items.source_file_sha256,
        billing_items.source_row_number
    from billing_items
    left join billing_documents on billing_items.vbeln = billing_documents.vbeln
    left join items on billing_items.matnr = items.matnr
    left join currency_shifts on billing_documents.waerk = currency_shifts.currency_code
    left join channels on billing_documents.vtweg = channels.code
    -- A cancelled document and the one that cancels it are none.
    where
        billing_documents.vbeln is null
        or (billing_documents.vbtyp in ('M', 'O', 'P') and not ({{ sap_is_set('billing_documents.fksto') }}))

)

select
    invoice_id,
    line_id,
    order_id,
    order_line_id,
    item_id,
    customer_id,
    site_id,
    channel_id,
    invoiced_date,
    cast(sign * units as decimal(18, 3)) as invoiced_units,
    cast(sign * amount as decimal(18, 4)) as net_amount,
    currency_code,
    source_file_sha256,
    source_row_number
from joined
