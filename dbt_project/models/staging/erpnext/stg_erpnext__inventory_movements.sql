with entries as (

    select * from {{ source('erpnext', 'stock_ledger_entry') }}
    where docstatus = 1 and not is_cancelled

),

entry_kinds as (

    select name, purpose from {{ source('erpnext', 'stock_entry') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

-- A stock reconciliation sets a balance: what it moved is the difference from the balance before.
changes as (

    select
        entries.*,
        case
            when entries.voucher_type = 'Stock Reconciliation' then entries.qty_after_transaction - coalesce(
                lag(entries.qty_after_transaction) over (
                    partition by entries.item_code, entries.warehouse
                    order by
                        entries.posting_date,
                        case when entries.posting_time like '_:%' then '0' || entries.posting_time else entries.posting_time end,
                        entries.creation,
                        entries.name
                ), 0)
            else entries.actual_qty
        end as moved_qty
    from entries

),

named as (

    select
        changes.*,
        entry_kinds.purpose,
        case
            when changes.voucher_type in ('Purchase Receipt', 'Purchase Invoice')
                then case when changes.moved_qty >= 0 then 'receipt' else 'supplier_return' end
            when changes.voucher_type in ('Delivery Note', 'Sales Invoice')
                then case when changes.moved_qty <= 0 then 'shipment' else 'customer_return' end
            when entry_kinds.purpose in ('Manufacture', 'Repack')
                then case when changes.moved_qty >= 0 then 'production' else 'consumption' end
            when entry_kinds.purpose in ('Material Transfer', 'Material Transfer for Manufacture', 'Send to Subcontractor')
                then case when changes.moved_qty >= 0 then 'transfer_in' else 'transfer_out' end
            when entry_kinds.purpose = 'Material Consumption for Manufacture' and changes.moved_qty <= 0 then 'consumption'
            else 'adjustment'
        end as movement_type
    from changes
    left join entry_kinds
        on changes.voucher_no = entry_kinds.name
        and changes.voucher_type = 'Stock Entry'

),

final as (

    select
        named.voucher_no as movement_id,
        named.name as line_id,
        named.posting_date as posted_date,
        named.movement_type,
        coalesce(item_codes.item_id, named.item_code) as item_id,
        warehouses.site_id,
        {{ stock_units('named', 'item_codes', 'moved_qty') }} as moved_units,
        cast(named.stock_value_difference as decimal(18, 4)) as movement_amount,
        warehouses.currency_code,
        named.voucher_no as document_id,
        named.source_file_sha256,
        named.source_row_number
    from named
    left join warehouses on named.warehouse = warehouses.warehouse
    left join item_codes on named.item_code = item_codes.item_code
    where {{ is_of_goods('item_codes') }}
        and not coalesce(warehouses.is_transit, false)

)

select * from final
