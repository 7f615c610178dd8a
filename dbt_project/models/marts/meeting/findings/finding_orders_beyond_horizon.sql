with

lines as (select * from {{ ref('fct_order_lines') }}),

periods as (select * from {{ ref('dim_periods') }}),

horizon as (

    select max(period_end_date) as last_date from periods
    where is_horizon

),

found as (

    select
        lines.order_id || ' / ' || lines.line_id as object_id,
        lines.item_id,
        lines.ordered_units - lines.shipped_units as quantity,
        lines.net_amount as value,
        'wanted on ' || cast(lines.requested_date as varchar) || ', the plan ends on ' || cast(horizon.last_date as varchar) as evidence
    from lines
    inner join horizon on lines.demand_date > horizon.last_date
    where lines.is_open

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
