-- Forecasts, actuals and the seasonal naive are stacked and added up per series, not joined: a series that was ordered
-- without a forecast, or forecast without an order, is an error too and must not fall out.
with

snapshots as (select * from {{ ref('fct_forecast_snapshots') }}),

history as (select * from {{ ref('fct_demand_history') }}),

items as (select * from {{ ref('dim_items') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

-- Made before the month's actuals were known: at lag 0 at the start of the month itself.
forecasts as (

    select snapshots.*
    from snapshots
    cross join cycle
    where
        snapshots.period_start_date < cycle.cycle_start_date
        and snapshots.lag_months >= 0

),

measured_months as (

    select distinct
        made_in_cycle_id,
        lag_months,
        period_start_date
    from forecasts

),

history_start as (

    select min(period_start_date) as first_month
    from history

),

stacked as (

    select
        made_in_cycle_id,
        lag_months,
        period_start_date,
        item_id,
        site_id,
        channel_id,
        forecast_units,
        statistical_units,
        cast(0 as decimal(18, 3)) as actual_units,
        cast(0 as decimal(18, 3)) as naive_units
    from forecasts

    union all

    select
        measured_months.made_in_cycle_id,
        measured_months.lag_months,
        measured_months.period_start_date,
        history.item_id,
        history.site_id,
        history.channel_id,
        cast(0 as decimal(18, 3)) as forecast_units,
        cast(0 as decimal(18, 3)) as statistical_units,
        history.ordered_units as actual_units,
        cast(0 as decimal(18, 3)) as naive_units
    from measured_months
    inner join history on measured_months.period_start_date = history.period_start_date

    union all

    -- The same month a year before is closed at every lag that is kept, so the naive was known at making time.
    select
        measured_months.made_in_cycle_id,
        measured_months.lag_months,
        measured_months.period_start_date,
        history.item_id,
        history.site_id,
        history.channel_id,
        cast(0 as decimal(18, 3)) as forecast_units,
        cast(0 as decimal(18, 3)) as statistical_units,
        cast(0 as decimal(18, 3)) as actual_units,
        history.ordered_units as naive_units
    from measured_months
    inner join history on {{ months_after('measured_months.period_start_date', -12) }} = history.period_start_date

),

series as (

    select
        made_in_cycle_id,
        lag_months,
        period_start_date,
        item_id,
        site_id,
        channel_id,
        sum(forecast_units) as forecast_units,
        sum(statistical_units) as statistical_units,
        sum(actual_units) as actual_units,
        sum(naive_units) as naive_units
    from stacked
    group by made_in_cycle_id, lag_months, period_start_date, item_id, site_id, channel_id

),

accuracy as (

    select
        cycle.cycle_id,
        series.lag_months,
        series.item_id,
        series.site_id,
        series.channel_id,
        items.category_id,
        items.family_id,
        series.period_start_date,
        series.made_in_cycle_id,
        series.forecast_units,
        series.actual_units,
        series.forecast_units - series.actual_units as error_units,
        abs(series.forecast_units - series.actual_units) as absolute_error_units,
        series.statistical_units - series.actual_units as statistical_error_units,
        case
            when {{ months_after('series.period_start_date', -12) }} >= history_start.first_month
                then series.naive_units - series.actual_units
        end as naive_error_units
    from series
    cross join cycle
    cross join history_start
    left join items on series.item_id = items.item_id

)

{{ select_contract('accuracy') }}
