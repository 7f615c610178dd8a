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

closed as (
    select
        order_lines.*,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        case
            when order_lines.is_cancelled and cycle.cancellations_policy = 'keep' then 'kept'
            when order_lines.is_cancelled then 'cancelled'
            when order_lines.order_type = 'return' then 'returned'
            else 'demand'
        end as line_class
    from order_lines
    inner join cycle on order_lines.demand_date < cycle.cycle_start_date
    where not (order_lines.is_cancelled and order_lines.order_type = 'return')
),

-- What a return takes back: the order that it names, else the customer's latest order of the item before it.
taken_back as (
    select
        returns.order_id,
        returns.line_id,
        returns.item_id,
        returns.site_id,
        returns.channel_id,
        returns.period_start_date,
        returns.ordered_units,
        returns.net_amount,
        orders.period_start_date as ordered_month,
        row_number() over (
            partition by returns.order_id, returns.line_id
            order by
                case when orders.order_id = coalesce(returns.returned_order_id, returns.order_id) then 0 else 1 end,
                orders.demand_date desc,
                orders.order_id desc
        ) as turn
    from closed as returns
    inner join cycle on cycle.returns_policy in ('deduct_in_month_of_return', 'deduct_in_month_of_order')
    left join closed as orders
        on cycle.returns_policy = 'deduct_in_month_of_order'
        and orders.line_class = 'demand'
        and returns.customer_id = orders.customer_id
        and returns.item_id = orders.item_id
        and returns.demand_date >= orders.demand_date
    where returns.line_class = 'returned'
),

classified as (
    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        ordered_units,
        net_amount,
        activity_id,
        line_class,
        extract(day from demand_date) <= {{ edge_days() }} as is_first_days,
        extract(day from {{ dbt.dateadd('day', edge_days(), 'demand_date') }}) <= {{ edge_days() }} as is_last_days
    from closed

    union all

    select
        item_id,
        site_id,
        channel_id,
        coalesce(ordered_month, period_start_date) as period_start_date,
        ordered_units,
        net_amount,
        cast(null as varchar) as activity_id,
        'deducted' as line_class,
        false as is_first_days,
        false as is_last_days
    from taken_back
    where turn = 1
),

monthly as (
    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        sum(case when line_class in ('demand', 'kept') then ordered_units when line_class = 'deducted' then -ordered_units else 0 end) as ordered_units,
        sum(case when line_class = 'returned' then ordered_units else 0 end) as returned_units,
        sum(case when line_class in ('cancelled', 'kept') then ordered_units else 0 end) as cancelled_units,
        sum(case when line_class = 'deducted' then ordered_units else 0 end) as deducted_return_units,
        sum(case when line_class = 'kept' then ordered_units else 0 end) as kept_cancelled_units,
        sum(case when line_class in ('demand', 'kept') and activity_id is not null then ordered_units else 0 end) as promoted_units,
        sum(case when line_class in ('demand', 'kept') and is_first_days then ordered_units else 0 end) as first_days_units,
        sum(case when line_class in ('demand', 'kept') and is_last_days then ordered_units else 0 end) as last_days_units,
        sum(case when line_class in ('demand', 'kept') then net_amount when line_class = 'deducted' then -net_amount else 0 end) as revenue,
        sum(case when line_class in ('demand', 'kept') then 1 else 0 end) as order_lines
    from classified
    group by item_id, site_id, channel_id, period_start_date
),

-- The activity under which most was ordered.
activities as (
    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        activity_id,
        row_number() over (
            partition by item_id, site_id, channel_id, period_start_date
            order by sum(ordered_units) desc, activity_id
        ) as turn
    from classified
    where line_class in ('demand', 'kept') and activity_id is not null
    group by item_id, site_id, channel_id, period_start_date, activity_id
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

lives as (
    select
        item_id,
        site_id,
        channel_id,
        min(period_start_date) as first_month,
        max(period_start_date) as last_month
    from monthly
    where ordered_units > 0
    group by item_id, site_id, channel_id
),

-- Nothing ordered from an empty shelf is no month without demand: it is a row, so that it can be told from one.
silent as (
    select
        lives.item_id,
        lives.site_id,
        lives.channel_id,
        periods.period_start_date
    from lives
    cross join cycle
    inner join periods
        on periods.period_start_date > lives.first_month
        and periods.period_start_date <= {{ months_after('lives.last_month', silent_months()) }}
        and periods.period_start_date < cycle.cycle_start_date
    left join monthly
        on lives.item_id = monthly.item_id
        and lives.site_id = monthly.site_id
        and lives.channel_id = monthly.channel_id
        and periods.period_start_date = monthly.period_start_date
    where monthly.item_id is null
),

all_months as (
    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        ordered_units,
        returned_units,
        cancelled_units,
        deducted_return_units,
        kept_cancelled_units,
        promoted_units,
        first_days_units,
        last_days_units,
        revenue,
        order_lines,
        false as is_silent
    from monthly

    union all

    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        0 as ordered_units,
        0 as returned_units,
        0 as cancelled_units,
        0 as deducted_return_units,
        0 as kept_cancelled_units,
        0 as promoted_units,
        0 as first_days_units,
        0 as last_days_units,
        0 as revenue,
        0 as order_lines,
        true as is_silent
    from silent
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
        monthly.deducted_return_units,
        monthly.kept_cancelled_units,
        monthly.promoted_units,
        monthly.first_days_units,
        monthly.last_days_units,
        monthly.revenue,
        monthly.order_lines,
        cast(
            floor(periods.period_days * (coalesce(openings.is_out, 0) + coalesce(closings.is_out, 0)) / 2.0) as integer
        ) as stock_out_days,
        activities.activity_id
    from all_months as monthly
    inner join periods on monthly.period_start_date = periods.period_start_date
    left join month_ends as openings
        on monthly.item_id = openings.item_id
        and monthly.site_id = openings.site_id
        and monthly.period_start_date = openings.next_period_start_date
    left join month_ends as closings
        on monthly.item_id = closings.item_id
        and monthly.site_id = closings.site_id
        and monthly.period_start_date = closings.period_start_date
    left join activities
        on monthly.item_id = activities.item_id
        and monthly.site_id = activities.site_id
        and monthly.channel_id = activities.channel_id
        and monthly.period_start_date = activities.period_start_date
        and activities.turn = 1
    where not monthly.is_silent or coalesce(openings.is_out, 0) + coalesce(closings.is_out, 0) > 0
)

{{ select_contract('demand') }}
