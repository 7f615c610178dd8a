{%- set levels = dict(product_levels(), channel='channel_id', site='site_id') -%}
with

demand_plan as (select * from {{ ref('fct_demand_plan') }}),

level_forecasts as (select * from {{ ref('fct_level_forecasts') }}),

goals as (select * from {{ ref('fct_goals') }}),

periods as (select * from {{ ref('dim_periods') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

plan_by_level as (
    {{ sum_by_level('demand_plan', levels, ['period_start_date', 'is_history'],
        ['actual_units', 'statistical_units', 'forecast_units']) }}
),

first_months as (

    select
        level,
        level_id,
        min(period_start_date) as first_month
    from plan_by_level
    where is_history
    group by level, level_id

),

-- A closed month in which nothing was ordered of a group that is sold is a row with 0, not a gap in its line.
months as (

    select
        first_months.level,
        first_months.level_id,
        periods.period_start_date,
        true as is_history,
        coalesce(plan_by_level.actual_units, 0) as actual_units,
        plan_by_level.statistical_units,
        plan_by_level.forecast_units
    from first_months
    inner join periods
        on
            first_months.first_month <= periods.period_start_date
            and not periods.is_horizon
    left join plan_by_level
        on
            first_months.level = plan_by_level.level
            and first_months.level_id = plan_by_level.level_id
            and periods.period_start_date = plan_by_level.period_start_date
            and plan_by_level.is_history

    union all

    select
        level,
        level_id,
        period_start_date,
        is_history,
        actual_units,
        statistical_units,
        forecast_units
    from plan_by_level
    where not is_history

),

-- The layers move the level's own interval as they move its forecast: they say where demand lies, not how sure that is.
intervals as (

    select
        months.level,
        months.level_id,
        months.period_start_date,
        level_forecasts.lower_80_units + months.forecast_units - level_forecasts.forecast_units as lower_80_units,
        level_forecasts.upper_80_units + months.forecast_units - level_forecasts.forecast_units as upper_80_units,
        level_forecasts.lower_95_units + months.forecast_units - level_forecasts.forecast_units as lower_95_units,
        level_forecasts.upper_95_units + months.forecast_units - level_forecasts.forecast_units as upper_95_units
    from months
    inner join level_forecasts
        on
            months.level = case when level_forecasts.level = 'total' then 'company' else level_forecasts.level end
            and months.level_id = case when level_forecasts.level = 'total' then 'all' else level_forecasts.level_id end
            and months.period_start_date = level_forecasts.period_start_date
    where not months.is_history

),

budgets as (

    select
        level,
        level_id,
        period_start_date,
        goal_value as budget_units
    from goals
    where goal_version = 'budget' and metric = 'units'

),

outlook as (

    select
        cycle.cycle_id,
        months.level,
        months.level_id,
        months.period_start_date,
        months.is_history,
        months.actual_units,
        last_year.actual_units as last_year_units,
        budgets.budget_units,
        months.statistical_units,
        months.forecast_units,
        case when intervals.lower_80_units < 0 then 0 else intervals.lower_80_units end as lower_80_units,
        intervals.upper_80_units,
        case when intervals.lower_95_units < 0 then 0 else intervals.lower_95_units end as lower_95_units,
        intervals.upper_95_units
    from months
    cross join cycle
    left join months as last_year
        on
            months.level = last_year.level
            and months.level_id = last_year.level_id
            and {{ months_after('months.period_start_date', -12) }} = last_year.period_start_date
    left join budgets
        on
            months.level = budgets.level
            and months.level_id = budgets.level_id
            and months.period_start_date = budgets.period_start_date
    left join intervals
        on
            months.level = intervals.level
            and months.level_id = intervals.level_id
            and months.period_start_date = intervals.period_start_date

)

{{ select_contract('outlook') }}
