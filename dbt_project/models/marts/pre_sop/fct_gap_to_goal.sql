{%- set levels = product_levels() -%}
{%- set metrics = {
    'revenue': 'constrained_revenue',
    'gross_margin': 'constrained_revenue - standard_cost_of_sales',
    'units': 'constrained_units',
} -%}
with

review as (select * from {{ ref('fct_business_review') }}),

demand as (select * from {{ ref('fct_constrained_demand') }}),

goals as (select * from {{ ref('fct_goals') }}),

periods as (select * from {{ ref('dim_periods') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

plan_of_record as (

    select
        cycle_id,
        period_start_date,
        category_id,
        family_id,
        constrained_units,
        constrained_revenue,
        standard_cost_of_sales
    from demand
    where scenario_id = 'base'

),

plan_by_level as (
    {{ sum_by_level('plan_of_record', levels, ['cycle_id', 'period_start_date'],
        ['constrained_units', 'constrained_revenue', 'standard_cost_of_sales']) }}
),

values_by_level as (

    select
        metric,
        level,
        level_id,
        period_start_date,
        actual_value as projected_value
    from review
    {% for metric, expression in metrics.items() %}
    union all

    select
        '{{ metric }}' as metric,
        level,
        level_id,
        period_start_date,
        cast({{ expression }} as decimal(18, 4)) as projected_value
    from plan_by_level
    {% endfor %}
),

goals_by_month as (

    select
        metric,
        level,
        level_id,
        period_start_date,
        sum(case when goal_version = 'budget' then goal_value end) as budget_value,
        sum(case when goal_version = 'latest_estimate' then goal_value end) as latest_estimate_value
    from goals
    group by metric, level, level_id, period_start_date

),

first_closed_month as (

    select min(period_start_date) as first_month
    from review

),

compared as (

    select
        cycle.cycle_id,
        goals_by_month.metric,
        goals_by_month.level,
        goals_by_month.level_id,
        goals_by_month.period_start_date,
        goals_by_month.period_start_date < cycle.cycle_start_date as is_actual,
        case when goals_by_month.metric = 'units' then 'base units' else 'company currency' end as unit,
        coalesce(values_by_level.projected_value, 0) as projected_value,
        goals_by_month.budget_value,
        goals_by_month.latest_estimate_value
    from goals_by_month
    cross join cycle
    cross join first_closed_month
    inner join periods on goals_by_month.period_start_date = periods.period_start_date
    left join values_by_level
        on
            goals_by_month.metric = values_by_level.metric
            and goals_by_month.level = values_by_level.level
            and goals_by_month.level_id = values_by_level.level_id
            and goals_by_month.period_start_date = values_by_level.period_start_date
    where
        periods.is_horizon
        or (
            goals_by_month.period_start_date < cycle.cycle_start_date
            and goals_by_month.period_start_date >= first_closed_month.first_month
        )

),

gap_to_goal as (

    select
        cycle_id,
        metric,
        level,
        level_id,
        period_start_date,
        is_actual,
        unit,
        projected_value,
        budget_value,
        latest_estimate_value,
        projected_value - budget_value as gap_to_budget,
        {{ ratio('projected_value - budget_value', 'budget_value') }} as gap_ratio,
        projected_value - latest_estimate_value as gap_to_latest_estimate
    from compared

)

{{ select_contract('gap_to_goal') }}
