with

lines as (select * from {{ ref('fct_order_lines') }}),

found as (

    select
        order_id || ' / ' || line_id as object_id,
        item_id,
        ordered_units as quantity,
        net_amount as value,
        'ordered on ' || cast(ordered_date as varchar) || ', wanted on ' || cast(requested_date as varchar) as evidence
    from lines
    where requested_date < ordered_date and order_type = 'order' and not is_cancelled

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
