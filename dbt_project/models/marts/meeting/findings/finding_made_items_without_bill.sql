with

item_sites as (select * from {{ ref('item_sites') }}),

items as (select * from {{ ref('dim_items') }}),

bill as (select * from {{ ref('fct_bill_of_materials') }}),

items_sold as (select * from {{ ref('items_sold') }}),

parents as (

    select distinct parent_item_id as item_id, site_id from bill

),

found as (

    select
        item_sites.item_id || ' @ ' || item_sites.site_id as object_id,
        item_sites.item_id,
        items_sold.units_last_year as quantity,
        items_sold.revenue_last_year as value,
        items.item_name || ': ' || item_sites.procurement_type || ', no bill in force' as evidence
    from item_sites
    inner join items on item_sites.item_id = items.item_id
    left join parents
        on item_sites.item_id = parents.item_id
        and item_sites.site_id = parents.site_id
    left join items_sold on item_sites.item_id = items_sold.item_id
    where
        item_sites.procurement_type in ('make', 'both')
        and items.item_status <> 'blocked'
        and parents.item_id is null

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
