with

items_sold as (select * from {{ ref('items_sold') }}),

items as (select * from {{ ref('dim_items') }}),

snapshots as (select * from {{ ref('inventory_snapshots') }}),

stocked as (

    select distinct item_id from snapshots

),

found as (

    select
        items_sold.item_id as object_id,
        items_sold.item_id,
        items_sold.units_last_year as quantity,
        items_sold.revenue_last_year as value,
        items.item_name || ': sold, ' || items.item_status || ', never in a stock list' as evidence
    from items_sold
    inner join items on items_sold.item_id = items.item_id
    left join stocked on items_sold.item_id = stocked.item_id
    where stocked.item_id is null

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
