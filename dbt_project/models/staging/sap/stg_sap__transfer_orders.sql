with stock_transports as (

    select * from {{ ref('base_sap__purchase_items') }}
    where is_stock_transport

),

movements as (

    select
        ebeln,
        ebelp,
        cast(sum(case when vgabe = '6' then case when shkzg = 'H' then menge else -menge end else 0 end) as decimal(18, 3)) as issued_quantity,
        cast(sum(case when vgabe = '1' then case when shkzg = 'S' then menge else -menge end else 0 end) as decimal(18, 3)) as received_quantity,
        min(case when vgabe = '6' and shkzg = 'H' then budat end) as shipped_date,
        max(case when vgabe = '1' and shkzg = 'S' then budat end) as received_date
    from {{ source('sap', 'ekbe') }}
    where vgabe in ('1', '6')
    group by ebeln, ebelp

),

schedules as (

    select ebeln, ebelp, max(eindt) as due_date
    from {{ source('sap', 'eket') }}
    group by ebeln, ebelp

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

-- What has arrived and what is on the road are two transfers, the second one with a mark where both are there.
parts as (

    select
        ebeln, ebelp, '' as mark, shipped_date, received_date, 'received' as order_status,
        case when received_quantity < issued_quantity then received_quantity else issued_quantity end as quantity
    from movements
    where issued_quantity > 0 and received_quantity > 0
    union all
    select
        ebeln, ebelp, case when received_quantity > 0 then '/rest' else '' end as mark, shipped_date,
        cast(null as date) as received_date, 'in_transit' as order_status, issued_quantity - received_quantity as quantity
    from movements
    where issued_quantity > received_quantity

),

final as (

    select
        {{ sap_shown('stock_transports.ebeln') }} || '/' || {{ sap_shown('stock_transports.ebelp') }} || parts.mark as transfer_order_id,
        coalesce(items.item_id, {{ sap_shown('stock_transports.matnr') }}) as item_id,
        stock_transports.reswk as from_site_id,
        stock_transports.werks as to_site_id,
        parts.shipped_date,
        schedules.due_date,
        parts.received_date,
        {{ sap_base_units('cast(parts.quantity as decimal(18, 3))', 'stock_transports.umrez', 'stock_transports.umren') }} as shipped_units,
        parts.order_status,
        stock_transports.source_file_sha256,
        stock_transports.source_row_number
    from stock_transports
    -- an order that nothing has left for is no stock on the road
    inner join parts
        on stock_transports.ebeln = parts.ebeln
        and stock_transports.ebelp = parts.ebelp
    left join schedules
        on stock_transports.ebeln = schedules.ebeln
        and stock_transports.ebelp = schedules.ebelp
    left join items on stock_transports.matnr = items.matnr

)

select * from final
