with

needed as (select * from {{ ref('needed_item_sites') }}),

items as (select * from {{ ref('dim_items') }}),

item_sites as (select * from {{ ref('item_sites') }}),

items_sold as (select * from {{ ref('items_sold') }}),

found as (

    select
        needed.item_id || ' @ ' || needed.site_id as object_id,
        needed.item_id,
        needed.planned_units as quantity,
        items_sold.revenue_last_year as value,
        items.item_name || ': ' || coalesce(item_sites.procurement_type, 'no record at the site')
        || case when needed.planned_units > 0 then ', in demand' else ', a component' end as evidence
    from needed
    inner join items on needed.item_id = items.item_id
    left join item_sites
        on needed.item_id = item_sites.item_id
        and needed.site_id = item_sites.site_id
    left join items_sold on needed.item_id = items_sold.item_id
    where not needed.has_source

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
