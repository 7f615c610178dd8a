with

cycle as (select * from {{ ref('dim_cycle') }}),

performance as (select * from {{ ref('fct_forecast_performance') }}),

facts as (

    select
        period_start_date,
        naive_absolute_error_units - absolute_error_units as numerator,
        actual_units as denominator,
        value_added_ratio as actual_value
    from performance
    where lag_months = 1 and level = 'company' and stream = 'final'

),

{{ kpi_measure(
    'forecast_value_added_lag_1',
    missing='No forecast of the last closed month was published by the cycle of the month before it: accuracy is measured on published forecasts only.',
    zero='Nothing was ordered in the month, or the history does not reach the same month a year before.',
) }}
