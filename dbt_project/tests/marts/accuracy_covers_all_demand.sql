-- Actuals that accuracy is measured on add up to the demand of the month: nothing that was not forecast falls out.
with

accuracy as (select * from {{ ref('fct_forecast_accuracy') }}),

demand_plan as (select * from {{ ref('fct_demand_plan') }}),

measured as (

    select
        lag_months,
        period_start_date,
        sum(actual_units) as measured_units
    from accuracy
    group by lag_months, period_start_date

),

demand as (

    select
        period_start_date,
        sum(actual_units) as actual_units
    from demand_plan
    where is_history
    group by period_start_date

)

select
    measured.lag_months,
    measured.period_start_date,
    measured.measured_units,
    demand.actual_units
from measured
left join demand on measured.period_start_date = demand.period_start_date
where measured.measured_units <> coalesce(demand.actual_units, 0)
