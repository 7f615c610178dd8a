-- What sales said of a month before it was under way, beside what the account then ordered. An account that ordered nothing has 0.
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

parameters as (
    select * from {{ ref('fct_parameters') }}
),

submitted as (
    select * from {{ source('planner', 'sales_forecasts') }}
),

published as (
    select * from {{ source('published', 'fct_sales_forecasts') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

due as (
    select cast(parameter_value as integer) as due_days
    from parameters
    where parameter_id = 'sales_forecast_due_days' and scope = 'company'
),

-- As earlier cycles published them; a forecast carried over unchanged from cycle to cycle is one forecast, of the first of these.
of_earlier_cycles as (
    select
        published.submitter,
        coalesce(published.submission_id, 'account') as submission_id,
        coalesce(published.level, 'item') as level,
        coalesce(published.level_id, published.item_id) as level_id,
        published.customer_group,
        published.item_id,
        published.site_id,
        published.channel_id,
        published.period_start_date,
        published.submitted_at,
        published.cycle_id as made_in_cycle_id,
        published.forecast_units,
        published.base_units,
        row_number() over (
            partition by
                published.submitter,
                coalesce(published.submission_id, 'account'),
                published.customer_group,
                published.item_id,
                published.site_id,
                published.channel_id,
                published.period_start_date,
                published.submitted_at
            order by published.cycle_id
        ) as turn
    from published
    cross join cycle
    where
        {{ cycle_month('published.cycle_id') }} < cycle.cycle_start_date
        and {{ cycle_month('published.cycle_id') }} <= published.period_start_date
),

of_the_file as (
    select
        submitted.submitted_by as submitter,
        'account' as submission_id,
        'item' as level,
        submitted.item_id as level_id,
        submitted.customer_group,
        submitted.item_id,
        submitted.site_id,
        submitted.channel_id,
        submitted.period_start_date,
        submitted.submitted_at,
        submitted.forecast_units
    from submitted
),

forecasts as (
    select
        submitter,
        submission_id,
        level,
        level_id,
        customer_group,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        submitted_at,
        made_in_cycle_id,
        forecast_units,
        base_units
    from of_earlier_cycles
    where turn = 1

    union all

    select
        of_the_file.submitter,
        of_the_file.submission_id,
        of_the_file.level,
        of_the_file.level_id,
        of_the_file.customer_group,
        of_the_file.item_id,
        of_the_file.site_id,
        of_the_file.channel_id,
        of_the_file.period_start_date,
        of_the_file.submitted_at,
        cast(null as varchar) as made_in_cycle_id,
        of_the_file.forecast_units,
        cast(null as decimal(18, 3)) as base_units
    from of_the_file
    left join of_earlier_cycles
        on of_the_file.submitter = of_earlier_cycles.submitter
        and of_the_file.submission_id = of_earlier_cycles.submission_id
        and of_the_file.customer_group = of_earlier_cycles.customer_group
        and of_the_file.item_id = of_earlier_cycles.item_id
        and of_the_file.site_id = of_earlier_cycles.site_id
        and of_the_file.channel_id = of_earlier_cycles.channel_id
        and of_the_file.period_start_date = of_earlier_cycles.period_start_date
        and of_the_file.submitted_at = of_earlier_cycles.submitted_at
    where of_earlier_cycles.submitter is null
),

closed as (
    select
        forecasts.*,
        {{ dbt.datediff('forecasts.submitted_at', 'forecasts.period_start_date', 'month') }} as lag_months
    from forecasts
    cross join cycle
    cross join due
    where
        forecasts.period_start_date < cycle.cycle_start_date
        and forecasts.period_start_date >= {{ months_after('cycle.cycle_start_date', -24) }}
        and forecasts.submitted_at <= {{ dbt.dateadd('day', 'due.due_days', 'forecasts.period_start_date') }}
),

-- Whose orders a forecast speaks of: a customer group's, a region's, or everybody's.
buyers_forecast as (
    select distinct
        case when level = 'region' then 'region' when customer_group = 'all' then 'all' else 'customer_group' end as buyer_type,
        case when level = 'region' then level_id else customer_group end as buyer_id
    from closed
),

ordered as (
    select
        buyers_forecast.buyer_type,
        buyers_forecast.buyer_id,
        order_lines.item_id,
        order_lines.site_id,
        order_lines.channel_id,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        sum(order_lines.ordered_units) as actual_units
    from order_lines
    inner join customers on order_lines.customer_id = customers.customer_id
    inner join buyers_forecast
        on (buyers_forecast.buyer_type = 'customer_group' and customers.customer_group = buyers_forecast.buyer_id)
        or (buyers_forecast.buyer_type = 'region' and customers.region_id = buyers_forecast.buyer_id)
        or buyers_forecast.buyer_type = 'all'
    where order_lines.order_type = 'order' and not order_lines.is_cancelled
    group by
        buyers_forecast.buyer_type,
        buyers_forecast.buyer_id,
        order_lines.item_id,
        order_lines.site_id,
        order_lines.channel_id,
        {{ month_of('order_lines.demand_date') }}
),

results as (
    select
        closed.submitter,
        closed.submission_id,
        closed.level,
        closed.level_id,
        closed.customer_group,
        closed.item_id,
        closed.site_id,
        closed.channel_id,
        closed.period_start_date,
        closed.submitted_at,
        closed.made_in_cycle_id,
        closed.lag_months,
        closed.forecast_units,
        closed.base_units,
        coalesce(ordered.actual_units, 0) as actual_units
    from closed
    left join ordered
        on
            case when closed.level = 'region' then 'region' when closed.customer_group = 'all' then 'all' else 'customer_group' end
            = ordered.buyer_type
        and case when closed.level = 'region' then closed.level_id else closed.customer_group end = ordered.buyer_id
        and closed.item_id = ordered.item_id
        and closed.site_id = ordered.site_id
        and closed.channel_id = ordered.channel_id
        and closed.period_start_date = ordered.period_start_date
)

{{ select_contract('results') }}
