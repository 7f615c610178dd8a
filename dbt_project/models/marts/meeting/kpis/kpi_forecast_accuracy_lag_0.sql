with

cycle as (select * from {{ ref('dim_cycle') }}),

performance as (select * from {{ ref('fct_forecast_performance') }}),

facts as (

    select
        period_start_date,
        actual_units - absolute_error_units as numerator,
        actual_units as denominator,
        accuracy_ratio as actual_value
    from performance
    where lag_months = 0 and level = 'company' and stream = 'final'

),

{{ kpi_measure(
    'forecast_accuracy_lag_0',
    missing='No forecast of the last closed month was published by the cycle of that month: accuracy is measured on published forecasts only.',
    zero='Nothing was ordered in the month.',
) }}
