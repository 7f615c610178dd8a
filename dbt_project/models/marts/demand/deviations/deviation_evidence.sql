-- One row per forecast error (lag, series, closed month) with all that is known of its month: what history cleansing
-- changed, the layers of the forecast that was published, activities and launches that touch it, its price, and whether
-- the model erred before. Nothing is decided here.
with

accuracy as (select * from {{ ref('fct_forecast_accuracy') }}),

clean as (select * from {{ source('planning', 'demand_history_clean') }}),

adjustments as (select * from {{ source('planning', 'demand_history_adjustments') }}),

history as (select * from {{ ref('fct_demand_history') }}),

published as (select * from {{ source('published', 'fct_demand_plan') }}),

items as (select * from {{ ref('dim_items') }}),

economics as (select * from {{ ref('fct_unit_economics') }}),

backtest as (select * from {{ source('planning', 'backtest_errors') }}),

elasticities as (select * from {{ source('planning', 'price_elasticities') }}),

launch_plans as (select * from {{ source('planner', 'npd_plans') }}),

planned_activities as (

    select
        activity_id,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        activity_type,
        'planner.activity_plans' as table_name
    from {{ source('planner', 'activity_plans') }}
    where activity_status <> 'cancelled'

    union all

    select
        activity_id,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        activity_type,
        'core.fct_activities' as table_name
    from {{ ref('fct_activities') }}

),

-- Which cause answers for the month's activities: a promotion before a price before a launch or phase-out.
activities as (

    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        min(case activity_type
            when 'promotion' then 1 when 'price' then 2 when 'npd' then 3 when 'phase_out' then 3 else 1
        end) as activity_rank,
        max(table_name) as activity_table,
        min(activity_id) as first_activity_id,
        count(distinct activity_id) as activity_count
    from planned_activities
    group by item_id, site_id, channel_id, period_start_date

),

-- A month may be corrected for several reasons: each is a row, and they add up to the correction of the month.
corrections as (

    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        sum(case when reason = 'stock_out' then adjustment_units else 0 end) as stock_out_adjustment_units,
        sum(case when reason in ('one_off_order', 'outlier') then adjustment_units else 0 end) as one_off_adjustment_units,
        sum(case when reason = 'promotion' then adjustment_units else 0 end) as promotion_adjustment_units
    from adjustments
    group by item_id, site_id, channel_id, period_start_date

),

first_months as (

    select
        item_id,
        site_id,
        channel_id,
        min(period_start_date) as first_period_start_date
    from clean
    group by item_id, site_id, channel_id

),

predecessors as (

    select
        items.item_id,
        min(successors.launch_date) as successor_launch_date
    from items
    inner join items as successors on items.successor_item_id = successors.item_id
    group by items.item_id

),

-- The forecast is a mix of models: its mean error is the mix of theirs, its mean absolute error at most the mix of theirs.
model_errors as (

    select
        item_id,
        site_id,
        channel_id,
        max(origins) as origins,
        sum({{ product('weight', 'mean_error', 'decimal(18,3)') }}) as mean_error_units,
        sum({{ product('weight', 'mean_absolute_error', 'decimal(18,3)') }}) as mean_absolute_error_units
    from backtest
    where weight > 0
    group by item_id, site_id, channel_id

),

joined as (

    select
        accuracy.lag_months,
        accuracy.item_id,
        accuracy.site_id,
        accuracy.channel_id,
        accuracy.category_id,
        accuracy.family_id,
        accuracy.period_start_date,
        accuracy.made_in_cycle_id,
        accuracy.forecast_units,
        accuracy.actual_units,
        accuracy.error_units,
        coalesce(corrections.stock_out_adjustment_units, 0) as stock_out_adjustment_units,
        coalesce(corrections.one_off_adjustment_units, 0) as one_off_adjustment_units,
        coalesce(corrections.promotion_adjustment_units, 0) as promotion_adjustment_units,
        coalesce(published.activity_units, 0) as activity_units,
        coalesce(published.launch_units, 0) as launch_units,
        accuracy.actual_units >= published.lower_80_units and accuracy.actual_units <= published.upper_80_units as is_within_interval,
        coalesce(activities.activity_rank, 1) as activity_rank,
        activities.activity_table,
        activities.first_activity_id,
        coalesce(activities.activity_count, 0) as activity_count,
        coalesce(history.promoted_units, 0) as promoted_units,
        coalesce(history.order_lines, 0) as order_lines,
        items.launch_date,
        items.end_date,
        first_months.first_period_start_date,
        predecessors.successor_launch_date,
        launch_plans.launch_period_start_date,
        coalesce(published.unit_price, economics.unit_price, 0) as expected_unit_price,
        {{ ratio('history.revenue', 'history.ordered_units') }} as realised_unit_price,
        coalesce(elasticities.elasticity, 0) as price_elasticity,
        coalesce(model_errors.origins, 0) as backtest_origins,
        coalesce(model_errors.mean_error_units, 0) as backtest_mean_error_units,
        coalesce(model_errors.mean_absolute_error_units, 0) as backtest_mean_absolute_error_units
    from accuracy
    left join items on accuracy.item_id = items.item_id
    left join predecessors on accuracy.item_id = predecessors.item_id
    left join corrections
        on
            accuracy.item_id = corrections.item_id
            and accuracy.site_id = corrections.site_id
            and accuracy.channel_id = corrections.channel_id
            and accuracy.period_start_date = corrections.period_start_date
    left join history
        on
            accuracy.item_id = history.item_id
            and accuracy.site_id = history.site_id
            and accuracy.channel_id = history.channel_id
            and accuracy.period_start_date = history.period_start_date
    left join published
        on
            accuracy.made_in_cycle_id = published.cycle_id
            and accuracy.item_id = published.item_id
            and accuracy.site_id = published.site_id
            and accuracy.channel_id = published.channel_id
            and accuracy.period_start_date = published.period_start_date
            and not published.is_history
    left join activities
        on
            accuracy.item_id = activities.item_id
            and accuracy.site_id = activities.site_id
            and accuracy.channel_id = activities.channel_id
            and accuracy.period_start_date = activities.period_start_date
    left join first_months
        on
            accuracy.item_id = first_months.item_id
            and accuracy.site_id = first_months.site_id
            and accuracy.channel_id = first_months.channel_id
    left join launch_plans
        on
            accuracy.item_id = launch_plans.item_id
            and accuracy.site_id = launch_plans.site_id
            and accuracy.channel_id = launch_plans.channel_id
    left join economics
        on
            accuracy.item_id = economics.item_id
            and accuracy.site_id = economics.site_id
            and accuracy.channel_id = economics.channel_id
    left join elasticities on accuracy.channel_id = elasticities.channel_id
    left join model_errors
        on
            accuracy.item_id = model_errors.item_id
            and accuracy.site_id = model_errors.site_id
            and accuracy.channel_id = model_errors.channel_id
    where accuracy.lag_months <= {{ causes_longest_lag_months() }}

),

judged as (

    select
        joined.*,
        case
            when launch_period_start_date <= period_start_date
                and {{ months_after('launch_period_start_date', launch_months()) }} > period_start_date
                then 'planner.npd_plans'
            when launch_date is not null
                and {{ months_after(month_of('launch_date'), launch_months()) }} > period_start_date
                then 'core.dim_items'
            when first_period_start_date is not null
                and {{ months_after('first_period_start_date', launch_months()) }} > period_start_date
                then 'planning.demand_history_clean'
            when launch_units <> 0 then 'published.fct_demand_plan'
            when end_date is not null
                and end_date < {{ months_after('period_start_date', phase_out_months()) }}
                then 'core.dim_items'
            when successor_launch_date is not null
                and successor_launch_date < {{ months_after('period_start_date', 1) }}
                and {{ months_after(month_of('successor_launch_date'), launch_months()) }} > period_start_date
                then 'core.dim_items'
        end as launch_table
    from joined

)

select * from judged
