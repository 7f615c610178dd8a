with

items_sold as (select * from {{ ref('items_sold') }}),

items as (select * from {{ ref('dim_items') }}),

found as (

    select
        items_sold.item_id as object_id,
        items_sold.item_id,
        items_sold.units_last_year as quantity,
        items_sold.revenue_last_year as value,
        items.item_name || ': orders in ' || {{ count_words('items_sold.months_with_orders', 'months') }} || ', ' || items.item_status
            as evidence
    from items_sold
    inner join items on items_sold.item_id = items.item_id
    where items_sold.months_with_orders <= {{ short_life_months() }}

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
