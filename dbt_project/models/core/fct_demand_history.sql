with cycle as (
    select * from {{ ref('dim_cycle') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

inventory_history as (
    select * from {{ ref('fct_inventory_history') }}
),

classified as (
    select
        order_lines.item_id,
        order_lines.site_id,
        order_lines.channel_id,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        order_lines.ordered_units,
        order_lines.net_amount,
        order_lines.activity_id,
        case
            when order_lines.is_cancelled then 'cancelled'
            when order_lines.order_type = 'return' then 'returned'
            else 'demand'
        end as line_class
    from order_lines
    inner join cycle on order_lines.demand_date < cycle.cycle_start_date
    where not (order_lines.is_cancelled and order_lines.order_type = 'return')
),

monthly as (
    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        sum(case when line_class = 'demand' then ordered_units else 0 end) as ordered_units,
        sum(case when line_class = 'returned' then ordered_units else 0 end) as returned_units,
        sum(case when line_class = 'cancelled' then ordered_units else 0 end) as cancelled_units,
        sum(case when line_class = 'demand' and activity_id is not null then ordered_units else 0 end) as promoted_units,
        sum(case when line_class = 'demand' then net_amount else 0 end) as revenue,
        sum(case when line_class = 'demand' then 1 else 0 end) as order_lines
    from classified
    group by item_id, site_id, channel_id, period_start_date
),

-- A month end that nobody took stock of is no evidence of a stock-out.
month_ends as (
    select
        item_id,
        site_id,
        period_start_date,
        {{ months_after('period_start_date', 1) }} as next_period_start_date,
        case when usable_units <= 0 then 1 else 0 end as is_out
    from inventory_history
),

demand as (
    select
        monthly.item_id,
        monthly.site_id,
        monthly.channel_id,
        monthly.period_start_date,
        monthly.ordered_units,
        monthly.returned_units,
        monthly.cancelled_units,
        monthly.promoted_units,
        monthly.revenue,
        monthly.order_lines,
        cast(
            floor(periods.period_days * (coalesce(openings.is_out, 0) + coalesce(closings.is_out, 0)) / 2.0) as integer
        ) as stock_out_days
    from monthly
    inner join periods on monthly.period_start_date = periods.period_start_date
    left join month_ends as openings
        on monthly.item_id = openings.item_id
        and monthly.site_id = openings.site_id
        and monthly.period_start_date = openings.next_period_start_date
    left join month_ends as closings
        on monthly.item_id = closings.item_id
        and monthly.site_id = closings.site_id
        and monthly.period_start_date = closings.period_start_date
)

{{ select_contract('demand') }}
