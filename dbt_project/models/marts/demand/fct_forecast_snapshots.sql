with

this_cycle as (select * from {{ source('planning', 'unconstrained_forecasts') }}),

earlier_cycles as (select * from {{ source('published', 'fct_demand_plan') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

forecasts as (

    select
        cycle_id as made_in_cycle_id,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        statistical_units,
        launch_units,
        activity_units,
        sales_units,
        order_book_units,
        override_units,
        forecast_units
    from this_cycle

    union all

    -- The registry lists released files of earlier cycles only; a file of this or a later one would be hindsight.
    select
        earlier_cycles.cycle_id as made_in_cycle_id,
        earlier_cycles.item_id,
        earlier_cycles.site_id,
        earlier_cycles.channel_id,
        earlier_cycles.period_start_date,
        earlier_cycles.statistical_units,
        earlier_cycles.launch_units,
        earlier_cycles.activity_units,
        earlier_cycles.sales_units,
        earlier_cycles.order_book_units,
        earlier_cycles.override_units,
        earlier_cycles.forecast_units
    from earlier_cycles
    cross join cycle
    where
        not earlier_cycles.is_history
        and {{ cycle_month('earlier_cycles.cycle_id') }} < cycle.cycle_start_date

),

with_lag as (

    select
        forecasts.*,
        {{ dbt.datediff(cycle_month('forecasts.made_in_cycle_id'), 'forecasts.period_start_date', 'month') }} as lag_months
    from forecasts

),

snapshots as (

    select
        cycle.cycle_id,
        with_lag.made_in_cycle_id,
        with_lag.item_id,
        with_lag.site_id,
        with_lag.channel_id,
        with_lag.period_start_date,
        with_lag.lag_months,
        with_lag.statistical_units,
        with_lag.launch_units,
        with_lag.activity_units,
        with_lag.sales_units,
        with_lag.order_book_units,
        with_lag.override_units,
        with_lag.forecast_units
    from with_lag
    cross join cycle
    where
        -- closed months, for accuracy
        (
            with_lag.period_start_date < cycle.cycle_start_date
            and with_lag.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}
            and with_lag.lag_months <= {{ longest_lag_months() }}
        )
        -- months to come, for the waterfall
        or (
            with_lag.period_start_date >= cycle.cycle_start_date
            and {{ cycle_month('with_lag.made_in_cycle_id') }}
            >= {{ months_after('cycle.cycle_start_date', '-' ~ longest_lag_months()) }}
        )

)

{{ select_contract('snapshots') }}
