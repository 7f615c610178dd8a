-- A forecast that is measured was published by an earlier cycle, not after the month it is for; no table of the review of
-- forecasts holds a month or a cycle that was not over when it was written.
with

accuracy as (select * from {{ ref('fct_forecast_accuracy') }}),

snapshots as (select * from {{ ref('fct_forecast_snapshots') }}),

performance as (select * from {{ ref('fct_forecast_performance') }}),

value_added as (select * from {{ ref('fct_forecast_value_added') }}),

waterfall as (select * from {{ ref('fct_forecast_waterfall') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

hindsight as (

    select
        'fct_forecast_accuracy' as table_name,
        accuracy.lag_months,
        accuracy.period_start_date
    from accuracy
    cross join cycle
    where
        accuracy.made_in_cycle_id >= accuracy.cycle_id
        or accuracy.period_start_date >= cycle.cycle_start_date
        or {{ cycle_month('accuracy.made_in_cycle_id') }} > accuracy.period_start_date
        or accuracy.lag_months <> {{ dbt.datediff(cycle_month('accuracy.made_in_cycle_id'), 'accuracy.period_start_date', 'month') }}

    union all

    select
        'fct_forecast_snapshots' as table_name,
        snapshots.lag_months,
        snapshots.period_start_date
    from snapshots
    where
        snapshots.made_in_cycle_id > snapshots.cycle_id
        or {{ cycle_month('snapshots.made_in_cycle_id') }} > snapshots.period_start_date

    union all

    select
        'fct_forecast_performance' as table_name,
        performance.lag_months,
        performance.period_start_date
    from performance
    cross join cycle
    where
        performance.lag_months < 0
        or performance.period_start_date >= cycle.cycle_start_date

    union all

    select
        'fct_forecast_value_added' as table_name,
        value_added.lag_months,
        value_added.last_period_start_date as period_start_date
    from value_added
    cross join cycle
    where
        value_added.lag_months < 0
        or value_added.last_period_start_date >= cycle.cycle_start_date

    union all

    select
        'fct_forecast_waterfall' as table_name,
        waterfall.lag_months,
        waterfall.period_start_date
    from waterfall
    cross join cycle
    where
        waterfall.made_in_cycle_id > waterfall.cycle_id
        or {{ cycle_month('waterfall.made_in_cycle_id') }} > waterfall.period_start_date
        or (waterfall.period_start_date >= cycle.cycle_start_date and waterfall.actual_units is not null)

)

select
    table_name,
    lag_months,
    period_start_date,
    count(*) as row_count
from hindsight
group by table_name, lag_months, period_start_date
