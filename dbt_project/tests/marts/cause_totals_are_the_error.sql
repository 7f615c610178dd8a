-- At every level, the causes of a month add up to its error as accuracy measures it.
with

totals as (select * from {{ ref('fct_deviation_cause_totals') }}),

performance as (select * from {{ ref('fct_forecast_performance') }}),

stacked as (

    select
        lag_months,
        level,
        level_id,
        period_start_date,
        cause_units,
        cast(0 as decimal(18, 3)) as error_units
    from totals

    union all

    select
        lag_months,
        level,
        level_id,
        period_start_date,
        cast(0 as decimal(18, 3)) as cause_units,
        error_units
    from performance
    where
        lag_months <= {{ causes_longest_lag_months() }}
        and stream = 'final'
        and level in ('company', 'category', 'family', 'site', 'channel')

)

select
    lag_months,
    level,
    level_id,
    period_start_date,
    sum(cause_units) as cause_units,
    sum(error_units) as error_units
from stacked
group by lag_months, level, level_id, period_start_date
having sum(cause_units) <> sum(error_units)
