with purchase_items as (

    select * from {{ ref('base_sap__purchase_items') }}
    where is_stock_transport is null or not is_stock_transport

),

-- What comes next counts: the first schedule line that is still open; when all have come, the last.
schedules as (

    select
        ebeln,
        ebelp,
        coalesce(min(case when menge > coalesce(wemng, 0) then eindt end), max(eindt)) as due_date,
        sum(coalesce(wemng, 0)) as received_quantity
    from {{ source('sap', 'eket') }}
    group by ebeln, ebelp

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

final as (

    select
        {{ sap_shown('purchase_items.ebeln') }} as purchase_order_id,
        {{ sap_shown('purchase_items.ebelp') }} as line_id,
        {{ sap_shown('purchase_items.lifnr') }} as supplier_id,
        coalesce(items.item_id, {{ sap_shown('purchase_items.matnr') }}) as item_id,
        purchase_items.werks as site_id,
        purchase_items.bedat as ordered_date,
        schedules.due_date,
        {{ sap_base_units('purchase_items.menge', 'purchase_items.umrez', 'purchase_items.umren') }} as ordered_units,
        {{ sap_base_units('cast(schedules.received_quantity as decimal(18, 3))', 'purchase_items.umrez', 'purchase_items.umren') }} as received_units,
        {{ sap_line_price(
            'purchase_items.netpr', 'purchase_items.peinh', 'purchase_items.bprme', 'purchase_items.meins',
            'purchase_items.umrez', 'purchase_items.umren'
        ) }} as unit_price,
        {{ sap_amount('purchase_items.netwr', 'currency_shifts.shift') }} as net_amount,
        purchase_items.waers as currency_code,
        {{ sap_is_set('purchase_items.elikz') }} or purchase_items.loekz is not null as is_closed,
        purchase_items.source_file_sha256,
        purchase_items.source_row_number
    from purchase_items
    left join schedules
        on purchase_items.ebeln = schedules.ebeln
        and purchase_items.ebelp = schedules.ebelp
    left join items on purchase_items.matnr = items.matnr
    left join uom_factors
        on purchase_items.matnr = uom_factors.matnr
        and purchase_items.bprme = uom_factors.uom_id
    left join currency_shifts on purchase_items.waers = currency_shifts.currency_code

)

select * from final
