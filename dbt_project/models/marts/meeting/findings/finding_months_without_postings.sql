with

valued as (select * from {{ ref('fct_order_lines') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

orders as (

    select
        valued.channel_id,
        valued.order_id,
        valued.ordered_date,
        {{ month_of('valued.ordered_date') }} as posting_month,
        {{ month_of('valued.demand_date') }} as demand_month,
        valued.demand_date < cycle.cycle_start_date as is_closed,
        valued.ordered_units,
        valued.net_amount
    from valued
    cross join cycle
    where
        valued.order_type = 'order'
        and not valued.is_cancelled

),

posting_months as (

    select distinct
        channel_id,
        posting_month
    from orders

),

found as (

    select
        orders.channel_id || ' ' || cast(orders.demand_month as varchar) as object_id,
        cast(null as varchar) as item_id,
        sum(orders.ordered_units) as quantity,
        sum(orders.net_amount) as value,
        {{ count_words('count(distinct orders.order_id)', 'orders') }} || ' of ' || {{ month_words('orders.demand_month') }}
        || ', all posted from ' || cast(min(orders.ordered_date) as varchar) || ' to ' || cast(max(orders.ordered_date) as varchar)
        as evidence
    from orders
    left join posting_months
        on orders.channel_id = posting_months.channel_id
        and orders.demand_month = posting_months.posting_month
    where
        posting_months.posting_month is null
        and orders.is_closed
    group by orders.channel_id, orders.demand_month

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
