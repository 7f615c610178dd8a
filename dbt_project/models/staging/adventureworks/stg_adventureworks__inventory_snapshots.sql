with stock as (

    select * from {{ source('adventureworks', 'product_inventory') }}

),

locations as (

    select location_id, cost_rate from {{ source('adventureworks', 'location') }}

),

products as (

    select product_id, item_id, is_stock_in_base_uom from {{ ref('base_adventureworks__products') }}

),

company as (

    select site_id, last_closed_date from {{ ref('base_adventureworks__company') }}

),

-- Places with a cost rate are work centres, the others stores. What stands at a work centre is no open work order: those
-- have put nothing to stock yet.
placed as (

    select
        stock.*,
        case when locations.cost_rate > 0 then 'in_process' else 'unrestricted' end as stock_status
    from stock
    left join locations on stock.location_id = locations.location_id

),

summed as (

    select
        product_id,
        stock_status,
        sum(quantity) as quantity,
        min(source_file_sha256) as source_file_sha256,
        min(source_row_number) as source_row_number
    from placed
    group by product_id, stock_status

),

-- The snapshot has no date: it is declared to be the stock that the cycle opens with.
final as (

    select
        company.last_closed_date as snapshot_date,
        coalesce(products.item_id, cast(summed.product_id as varchar)) as item_id,
        company.site_id,
        summed.stock_status,
        -- Counted in pieces, bought in packs, and no factor between them: left empty, so kept out of erp.
        cast(case when products.is_stock_in_base_uom then summed.quantity end as decimal(18, 3)) as on_hand_units,
        false as is_dated,
        summed.source_file_sha256,
        cast(summed.source_row_number as integer) as source_row_number
    from summed
    cross join company
    left join products on summed.product_id = products.product_id

)

select * from final
