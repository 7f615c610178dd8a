with

items_sold as (select * from {{ ref('items_sold') }}),

items as (select * from {{ ref('dim_items') }}),

item_sites as (select * from {{ ref('item_sites') }}),

routings as (select * from {{ ref('routing_operations') }}),

made as (

    select distinct item_id from item_sites
    where procurement_type in ('make', 'both')

),

routed as (

    select distinct item_id from routings

),

found as (

    select
        items_sold.item_id as object_id,
        items_sold.item_id,
        items_sold.units_last_year as quantity,
        items_sold.revenue_last_year as value,
        items.item_name || ': made and sold, ' || items.item_status || ', no operation with hours' as evidence
    from items_sold
    inner join made on items_sold.item_id = made.item_id
    inner join items on items_sold.item_id = items.item_id
    left join routed on items_sold.item_id = routed.item_id
    where routed.item_id is null

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
