with orders as (

    select order_date, due_date, ship_date from {{ source('adventureworks', 'sales_order_header') }}

),

parameters as (

    select parameter_id, parameter_value
    from {{ source('planner', 'planning_parameters') }}
    where scope = 'company'

),

-- Internet orders come every day, so the month of the latest order is the last closed month.
last_closed_month as (

    select cast({{ dbt.date_trunc('month', 'max(order_date)') }} as date) as first_day
    from orders

),

-- Every order that has left did so the same number of days after it was placed and before it was wanted; that it is the
-- same is a test of this model. While nothing has left, goods leave on the day they are ordered.
dispatch as (

    select
        cast({{ rounded(
            'cast(sum(' ~ dbt.datediff('order_date', 'ship_date', 'day') ~ ') as double precision) / nullif(count(*), 0)',
            'decimal(18,0)',
        ) }} as integer) as order_to_ship_days,
        cast({{ rounded(
            'cast(sum(' ~ dbt.datediff('ship_date', 'due_date', 'day') ~ ') as double precision) / nullif(count(*), 0)',
            'decimal(18,0)',
        ) }} as integer) as ship_to_due_days
    from orders
    where ship_date is not null

),

-- No default here: an undeclared parameter stays empty, and the tests of this model name it.
declared as (

    select
        max(case when parameter_id = 'capacity_quantile' then parameter_value end) as capacity_quantile,
        max(case when parameter_id = 'overtime_maximum_ratio' then parameter_value end) as overtime_maximum_ratio,
        max(case when parameter_id = 'overtime_cost_factor' then parameter_value end) as overtime_cost_factor,
        max(case when parameter_id = 'reseller_price_ratio' then parameter_value end) as reseller_price_ratio,
        max(case when parameter_id = 'internet_budget_growth_ratio' then parameter_value end)
            as internet_budget_growth_ratio,
        max(case when parameter_id = 'gross_margin_goal_ratio' then parameter_value end) as gross_margin_goal_ratio,
        max(case when parameter_id = 'unpriced_part_cost' then parameter_value end) as unpriced_part_cost
    from parameters

),

final as (

    select
        'BOTHELL' as site_id,
        'USD' as currency_code,
        last_closed_month.first_day as last_closed_month_start_date,
        {{ dbt.last_day('last_closed_month.first_day', 'month') }} as last_closed_date,
        cast({{ dbt.dateadd('month', 1, 'last_closed_month.first_day') }} as date) as cycle_start_date,
        coalesce(dispatch.order_to_ship_days, 0) as order_to_ship_days,
        coalesce(dispatch.ship_to_due_days, 0) as ship_to_due_days,
        declared.capacity_quantile,
        declared.overtime_maximum_ratio,
        declared.overtime_cost_factor,
        declared.reseller_price_ratio,
        declared.internet_budget_growth_ratio,
        declared.gross_margin_goal_ratio,
        declared.unpriced_part_cost
    from last_closed_month
    cross join dispatch
    cross join declared

)

select * from final
