with month_ends as (

    select * from {{ ref('base_erpnext__month_end_stock') }}

),

bins as (

    select * from {{ source('erpnext', 'bin') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

ledger as (

    select count(*) as entries from {{ source('erpnext', 'stock_ledger_entry') }}

),

-- Without a ledger there is the stock now, and no day to it: it is taken for the close of the last month.
stock as (

    select
        item_id,
        warehouse,
        snapshot_date,
        on_hand_units,
        stock_value,
        true as is_dated,
        source_file_sha256,
        source_row_number
    from month_ends

    union all

    select
        coalesce(item_codes.item_id, bins.item_code) as item_id,
        bins.warehouse,
        cast({{ dbt.dateadd('day', -1, cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'")) }} as date) as snapshot_date,
        {{ stock_units('bins', 'item_codes', 'actual_qty') }} as on_hand_units,
        bins.stock_value,
        false as is_dated,
        bins.source_file_sha256,
        bins.source_row_number
    from bins
    cross join ledger
    left join item_codes on bins.item_code = item_codes.item_code
    where ledger.entries = 0 and {{ is_of_goods('item_codes') }}

),

-- A unit that is not known makes the whole sum unknown.
by_site as (

    select
        stock.snapshot_date,
        stock.item_id,
        warehouses.site_id,
        warehouses.stock_status,
        case when count(*) = count(stock.on_hand_units) then cast(sum(stock.on_hand_units) as decimal(18, 3)) end
            as on_hand_units,
        cast(sum(stock.stock_value) as decimal(18, 4)) as inventory_value,
        min(warehouses.currency_code) as currency_code,
        min(case when stock.is_dated then 1 else 0 end) = 1 as is_dated,
        min(stock.source_file_sha256) as source_file_sha256,
        cast(min(stock.source_row_number) as integer) as source_row_number
    from stock
    left join warehouses on stock.warehouse = warehouses.warehouse
    -- Goods in transit are transfer orders under way.
    where not coalesce(warehouses.is_transit, false)
    group by stock.snapshot_date, stock.item_id, warehouses.site_id, warehouses.stock_status

),

-- An empty shelf is told of stock that may be used; of other stock nothing is to be told where there is none.
final as (

    select
        snapshot_date,
        item_id,
        site_id,
        stock_status,
        on_hand_units,
        inventory_value,
        currency_code,
        is_dated,
        source_file_sha256,
        source_row_number
    from by_site
    where stock_status is null or stock_status = 'unrestricted' or on_hand_units is null or on_hand_units <> 0

)

select * from final
