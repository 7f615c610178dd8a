with purchase_items as (

    select * from {{ ref('base_sap__purchase_items') }}
    where is_stock_transport is null or not is_stock_transport

),

-- A reversal (102) and a return (122) name the receipt that they are about; a receipt names itself.
events as (

    select
        ebeln,
        ebelp,
        coalesce(lfbnr, belnr) as receipt_belnr,
        coalesce(nullif(lfgja, 0), gjahr) as receipt_gjahr,
        coalesce(case when lfbnr is not null then lfpos end, buzei) as receipt_buzei,
        bwart in ('122', '123') as is_return,
        case when shkzg = 'S' then menge else -menge end as signed_quantity,
        budat,
        source_file_sha256,
        source_row_number
    from {{ source('sap', 'ekbe') }}
    where vgabe = '1'

),

receipts as (

    select
        ebeln,
        ebelp,
        receipt_belnr,
        receipt_gjahr,
        receipt_buzei,
        cast(sum(case when is_return then 0 else signed_quantity end) as decimal(18, 3)) as received_quantity,
        cast(sum(case when is_return then -signed_quantity else 0 end) as decimal(18, 3)) as returned_quantity,
        min(case when signed_quantity > 0 then budat end) as received_date,
        min(source_file_sha256) as source_file_sha256,
        min(source_row_number) as source_row_number
    from events
    group by ebeln, ebelp, receipt_belnr, receipt_gjahr, receipt_buzei

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

uom_factors as (

    select * from {{ ref('base_sap__uom_factors') }}

),

inspection_lots as (

    select mblnr, mjahr, zeile, mengeneinh, coalesce(lmenge02, 0) + coalesce(lmenge04, 0) as rejected_quantity
    from {{ source('sap', 'qals') }}
    where mblnr is not null

),

inspections as (

    select
        inspection_lots.mblnr,
        inspection_lots.mjahr,
        inspection_lots.zeile,
        purchase_items.matnr,
        sum({{ to_base_units('inspection_lots.rejected_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }}) as rejected_units
    from inspection_lots
    inner join receipts
        on inspection_lots.mblnr = receipts.receipt_belnr
        and inspection_lots.mjahr = receipts.receipt_gjahr
        and inspection_lots.zeile = receipts.receipt_buzei
    inner join purchase_items
        on receipts.ebeln = purchase_items.ebeln
        and receipts.ebelp = purchase_items.ebelp
    left join uom_factors
        on purchase_items.matnr = uom_factors.matnr
        and inspection_lots.mengeneinh = uom_factors.uom_id
    group by inspection_lots.mblnr, inspection_lots.mjahr, inspection_lots.zeile, purchase_items.matnr

),

final as (

    select
        {{ sap_shown('receipts.receipt_belnr') }} || '/' || cast(receipts.receipt_gjahr as varchar) || '/'
        || {{ sap_shown('receipts.receipt_buzei') }} as receipt_id,
        {{ sap_shown('receipts.ebeln') }} as purchase_order_id,
        {{ sap_shown('receipts.ebelp') }} as line_id,
        {{ sap_shown('purchase_items.lifnr') }} as supplier_id,
        coalesce(items.item_id, {{ sap_shown('purchase_items.matnr') }}) as item_id,
        purchase_items.werks as site_id,
        receipts.received_date,
        {{ sap_base_units('receipts.received_quantity', 'purchase_items.umrez', 'purchase_items.umren') }} as received_units,
        cast(
            {{ sap_base_units('receipts.returned_quantity', 'purchase_items.umrez', 'purchase_items.umren') }}
            + coalesce(inspections.rejected_units, 0)
            as decimal(18, 3)
        ) as rejected_units,
        receipts.source_file_sha256,
        receipts.source_row_number
    from receipts
    inner join purchase_items
        on receipts.ebeln = purchase_items.ebeln
        and receipts.ebelp = purchase_items.ebelp
    left join items on purchase_items.matnr = items.matnr
    left join inspections
        on receipts.receipt_belnr = inspections.mblnr
        and receipts.receipt_gjahr = inspections.mjahr
        and receipts.receipt_buzei = inspections.zeile
        and purchase_items.matnr = inspections.matnr
    -- reversed as a whole: it never was
    where receipts.received_quantity <> 0

)

select * from final
