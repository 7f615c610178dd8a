with cycle as (
    select * from {{ ref('dim_cycle') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

-- Ordered before the cycle for its own month or a later one; what was wanted before the cycle is history or backlog.
on_hand as (
    select
        order_lines.item_id,
        order_lines.site_id,
        order_lines.channel_id,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        order_lines.ordered_units,
        case
            when order_lines.shipped_units < order_lines.ordered_units then order_lines.shipped_units
            else order_lines.ordered_units
        end as shipped_units,
        order_lines.net_amount
    from order_lines
    inner join cycle
        on order_lines.demand_date >= cycle.cycle_start_date
        and order_lines.ordered_date < cycle.cycle_start_date
    where order_lines.order_type = 'order' and not order_lines.is_cancelled
),

monthly as (
    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        sum(ordered_units) as ordered_units,
        sum(shipped_units) as shipped_units,
        sum(net_amount) as revenue,
        count(*) as order_lines
    from on_hand
    group by item_id, site_id, channel_id, period_start_date
)

{{ select_contract('monthly') }}
