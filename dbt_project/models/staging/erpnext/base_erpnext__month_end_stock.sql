{{ config(materialized='table') }}

with entries as (

    -- Entries of a cancelled document and their reversals are both cancelled.
    select * from {{ source('erpnext', 'stock_ledger_entry') }}
    where docstatus = 1 and not is_cancelled
        and posting_date < {{ cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'") }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

numbers as (

    {{ dbt.generate_series(600) }}

),

-- The balance after the last entry of a month, not the sum of changes: a stock reconciliation sets a balance and may
-- write no change. Times come with and without a leading zero.
ordered as (

    select
        entries.*,
        {{ month_of('entries.posting_date') }} as period_start_date,
        row_number() over (
            partition by entries.item_code, entries.warehouse, {{ month_of('entries.posting_date') }}
            order by
                entries.posting_date desc,
                case when entries.posting_time like '_:%' then '0' || entries.posting_time else entries.posting_time end desc,
                entries.creation desc,
                entries.name desc
        ) as place_from_last
    from entries

),

closings as (

    select
        item_code,
        warehouse,
        period_start_date,
        lead(period_start_date) over (partition by item_code, warehouse order by period_start_date) as next_period_start_date,
        stock_uom,
        qty_after_transaction,
        valuation_rate,
        stock_value,
        source_file_sha256,
        source_row_number
    from ordered
    where place_from_last = 1

),

-- A balance stands until the next month with an entry.
carried as (

    select
        closings.*,
        {{ months_after('closings.period_start_date', 'numbers.generated_number - 1') }} as closed_period_start_date
    from closings
    inner join numbers
        on numbers.generated_number
            <= {{ dbt.datediff('closings.period_start_date', cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'"), 'month') }}

),

final as (

    select
        coalesce(item_codes.item_id, carried.item_code) as item_id,
        carried.warehouse,
        cast({{ dbt.last_day('carried.closed_period_start_date', 'month') }} as date) as snapshot_date,
        {{ stock_units('carried', 'item_codes', 'qty_after_transaction') }} as on_hand_units,
        carried.valuation_rate,
        carried.stock_value,
        carried.source_file_sha256,
        carried.source_row_number
    from carried
    left join item_codes on carried.item_code = item_codes.item_code
    where (
            carried.next_period_start_date is null
            or carried.closed_period_start_date < carried.next_period_start_date
        )
        and {{ is_of_goods('item_codes') }}

)

select * from final
