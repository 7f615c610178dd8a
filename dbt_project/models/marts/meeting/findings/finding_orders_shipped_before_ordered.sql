with

lines as (select * from {{ ref('fct_order_lines') }}),

shipments as (select * from {{ ref('fct_shipments') }}),

found as (

    select
        lines.order_id || ' / ' || lines.line_id as object_id,
        lines.item_id,
        sum(shipments.shipped_units) as quantity,
        max(lines.net_amount) as value,
        'shipped on ' || cast(min(shipments.shipped_date) as varchar) || ', ordered on ' || cast(lines.ordered_date as varchar)
            as evidence
    from lines
    inner join shipments
        on lines.order_id = shipments.order_id
        and lines.line_id = shipments.order_line_id
    where shipments.shipped_date < lines.ordered_date and not shipments.is_return and lines.order_type = 'order'
    group by lines.order_id, lines.line_id, lines.item_id, lines.ordered_date

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
