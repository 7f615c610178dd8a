-- The parts of every forecast error that is split add up to it, to the last thousandth, and no error is left out.
with

accuracy as (select * from {{ ref('fct_forecast_accuracy') }}),

causes as (select * from {{ ref('fct_demand_deviation_causes') }}),

stacked as (

    select
        lag_months,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        error_units,
        cast(0 as decimal(18, 3)) as cause_units
    from accuracy
    where lag_months <= {{ causes_longest_lag_months() }}

    union all

    select
        lag_months,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        cast(0 as decimal(18, 3)) as error_units,
        cause_units
    from causes

)

select
    lag_months,
    item_id,
    site_id,
    channel_id,
    period_start_date,
    sum(error_units) as error_units,
    sum(cause_units) as cause_units
from stacked
group by lag_months, item_id, site_id, channel_id, period_start_date
having sum(error_units) <> sum(cause_units)
