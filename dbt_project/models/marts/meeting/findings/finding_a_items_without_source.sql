with

needed as (select * from {{ ref('needed_item_sites') }}),

classes as (select * from {{ source('planning', 'demand_classes') }}),

a_items as (

    select
        item_id,
        site_id,
        sum(revenue_last_12_months) as revenue
    from classes
    where abc_class = 'A'
    group by item_id, site_id

),

found as (

    select
        needed.item_id || ' @ ' || needed.site_id as object_id,
        needed.item_id,
        needed.planned_units as quantity,
        a_items.revenue as value,
        'class A, in demand, and nothing makes, buys or moves it' as evidence
    from needed
    inner join a_items
        on needed.item_id = a_items.item_id
        and needed.site_id = a_items.site_id
    where needed.planned_units > 0 and not needed.has_source

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
