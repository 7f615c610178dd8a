with

margins as (select * from {{ ref('item_channel_margins') }}),

items as (select * from {{ ref('dim_items') }}),

found as (

    select
        margins.item_id || ' / ' || margins.channel_id as object_id,
        margins.item_id,
        margins.units as quantity,
        margins.cost - margins.revenue as value,
        items.item_name || ': sold at ' || {{ number_words(ratio('margins.revenue', 'margins.units'), 2) }} || ', costs '
        || {{ number_words(ratio('margins.cost', 'margins.units'), 2) }} || ', ' || {{ number_words('margins.units') }} || ' units in 12 months'
            as evidence
    from margins
    inner join items on margins.item_id = items.item_id
    where margins.revenue < margins.cost

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
