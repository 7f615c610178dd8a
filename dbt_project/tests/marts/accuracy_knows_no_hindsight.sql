-- A forecast that is measured was published by an earlier cycle, not after the month it is for.
with

accuracy as (select * from {{ ref('fct_forecast_accuracy') }})

select
    made_in_cycle_id,
    lag_months,
    period_start_date,
    count(*) as series
from accuracy
where
    made_in_cycle_id >= cycle_id
    or {{ cycle_month('made_in_cycle_id') }} > period_start_date
    or lag_months <> {{ dbt.datediff(cycle_month('made_in_cycle_id'), 'period_start_date', 'month') }}
group by made_in_cycle_id, lag_months, period_start_date
