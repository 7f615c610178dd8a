with

compared as (select * from {{ ref('bill_costs') }}),

items as (select * from {{ ref('dim_items') }}),

items_sold as (select * from {{ ref('items_sold') }}),

found as (

    select
        compared.item_id || ' @ ' || compared.site_id as object_id,
        compared.item_id,
        coalesce(items_sold.units_last_year, 0) as quantity,
        {{ product('compared.parts_cost - compared.unit_cost', 'coalesce(items_sold.units_last_year, 0)') }} as value,
        items.item_name || ': parts ' || {{ number_words('compared.parts_cost', 2) }} || ', standard cost '
        || {{ number_words('compared.unit_cost', 2) }} as evidence
    from compared
    inner join items on compared.item_id = items.item_id
    left join items_sold on compared.item_id = items_sold.item_id
    where compared.parts_cost > compared.unit_cost

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
