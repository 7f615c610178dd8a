with

item_sites as (select * from {{ ref('item_sites') }}),

items as (select * from {{ ref('dim_items') }}),

costs as (select * from {{ ref('costs_in_force') }}),

items_sold as (select * from {{ ref('items_sold') }}),

found as (

    select
        item_sites.item_id || ' @ ' || item_sites.site_id as object_id,
        item_sites.item_id,
        items_sold.units_last_year as quantity,
        items_sold.revenue_last_year as value,
        items.item_name || ': ' || items.item_type || ', cost 0' as evidence
    from item_sites
    inner join items on item_sites.item_id = items.item_id
    left join costs
        on item_sites.item_id = costs.item_id
        and item_sites.site_id = costs.site_id
    left join items_sold on item_sites.item_id = items_sold.item_id
    where items.item_status <> 'blocked' and coalesce(costs.unit_cost, 0) = 0

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
