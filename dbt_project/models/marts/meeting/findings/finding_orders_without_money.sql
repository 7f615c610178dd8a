with

lines as (select * from {{ ref('fct_order_lines') }}),

found as (

    select
        order_id || ' / ' || line_id as object_id,
        item_id,
        ordered_units as quantity,
        cast(null as decimal(18, 4)) as value,
        {{ number_words('ordered_units') }} || ' units ordered on ' || cast(ordered_date as varchar) || ' for '
        || {{ number_words('net_amount', 2) }} as evidence
    from lines
    where (net_amount <= 0 or ordered_units = 0) and order_type = 'order' and not is_cancelled

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
