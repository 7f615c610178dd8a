with orders as (

    select order_date from {{ source('adventureworks', 'sales_order_header') }}

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

-- No default here: an undeclared parameter stays empty, and the tests of this model name it.
declared as (

    select
        max(case when parameter_id = 'capacity_quantile' then parameter_value end) as capacity_quantile,
        max(case when parameter_id = 'overtime_maximum_ratio' then parameter_value end) as overtime_maximum_ratio,
        max(case when parameter_id = 'overtime_cost_factor' then parameter_value end) as overtime_cost_factor,
        max(case when parameter_id = 'reseller_price_ratio' then parameter_value end) as reseller_price_ratio,
        max(case when parameter_id = 'internet_budget_growth_ratio' then parameter_value end)
            as internet_budget_growth_ratio,
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
        declared.capacity_quantile,
        declared.overtime_maximum_ratio,
        declared.overtime_cost_factor,
        declared.reseller_price_ratio,
        declared.internet_budget_growth_ratio,
        declared.unpriced_part_cost
    from last_closed_month
    cross join declared

)

select * from final
