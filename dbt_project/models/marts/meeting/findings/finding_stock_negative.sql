with

stock as (select * from {{ ref('latest_stock') }}),

found as (

    select
        item_id || ' @ ' || site_id || ' ' || stock_status as object_id,
        item_id,
        -on_hand_units as quantity,
        -value as value,
        {{ number_words('on_hand_units') }} || ' units on ' || cast(snapshot_date as varchar) as evidence
    from stock
    where on_hand_units < 0

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
