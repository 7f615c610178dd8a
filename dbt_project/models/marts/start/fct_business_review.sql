{#- Measures of fct_sales that are reviewed: metric -> expression over the summed row, unit. -#}
{%- set metrics = {
    'revenue': ('revenue', 'company currency'),
    'gross_margin': ('revenue - standard_cost_of_sales', 'company currency'),
    'units': ('sold_units', 'base units'),
} -%}
{%- set levels = product_levels() -%}
with

sales as (select * from {{ ref('fct_sales') }}),

items as (select * from {{ ref('dim_items') }}),

goals as (select * from {{ ref('fct_goals') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

closed_sales as (

    select
        cycle.cycle_id,
        sales.period_start_date,
        items.category_id,
        items.family_id,
        sales.sold_units,
        sales.revenue,
        sales.standard_cost_of_sales
    from sales
    cross join cycle
    left join items on sales.item_id = items.item_id
    where sales.period_start_date < cycle.cycle_start_date

),

history_start as (

    select min(period_start_date) as first_month
    from closed_sales

),

by_level as (
    {{ sum_by_level('closed_sales', levels, ['cycle_id', 'period_start_date'], ['sold_units', 'revenue', 'standard_cost_of_sales']) }}
),

actuals as (
    {% for metric, (expression, unit) in metrics.items() %}
    select
        '{{ metric }}' as metric,
        level,
        level_id,
        period_start_date,
        cast({{ expression }} as decimal(18, 4)) as actual_value
    from by_level
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- Actual, budget and last year are stacked: a month with a budget and no sale is a variance too.
stacked as (

    select
        metric,
        level,
        level_id,
        period_start_date,
        actual_value,
        cast(null as decimal(18, 4)) as budget_value,
        cast(null as decimal(18, 4)) as prior_year_value
    from actuals

    union all

    select
        metric,
        level,
        level_id,
        {{ months_after('period_start_date', 12) }} as period_start_date,
        cast(null as decimal(18, 4)) as actual_value,
        cast(null as decimal(18, 4)) as budget_value,
        actual_value as prior_year_value
    from actuals

    union all

    select
        metric,
        level,
        level_id,
        period_start_date,
        cast(null as decimal(18, 4)) as actual_value,
        goal_value as budget_value,
        cast(null as decimal(18, 4)) as prior_year_value
    from goals
    where goal_version = 'budget'

),

months as (

    select
        stacked.metric,
        stacked.level,
        stacked.level_id,
        stacked.period_start_date,
        coalesce(sum(stacked.actual_value), 0) as actual_value,
        sum(stacked.budget_value) as budget_value,
        case
            when {{ months_after('stacked.period_start_date', -12) }} >= min(history_start.first_month)
                then coalesce(sum(stacked.prior_year_value), 0)
        end as prior_year_value
    from stacked
    cross join cycle
    cross join history_start
    where
        stacked.period_start_date < cycle.cycle_start_date
        and stacked.period_start_date >= history_start.first_month
    group by stacked.metric, stacked.level, stacked.level_id, stacked.period_start_date

),

years_to_date as (

    select
        months.*,
        sum(actual_value) over (
            partition by metric, level, level_id, extract(year from period_start_date)
            order by period_start_date
            rows between unbounded preceding and current row
        ) as year_to_date_actual_value,
        sum(budget_value) over (
            partition by metric, level, level_id, extract(year from period_start_date)
            order by period_start_date
            rows between unbounded preceding and current row
        ) as year_to_date_budget_value,
        count(budget_value) over (
            partition by metric, level, level_id, extract(year from period_start_date)
            order by period_start_date
            rows between unbounded preceding and current row
        ) as budget_months
    from months

),

-- A budget of some months must not be held against the actual of all.
comparable as (

    select
        metric,
        level,
        level_id,
        period_start_date,
        actual_value,
        budget_value,
        prior_year_value,
        year_to_date_actual_value,
        case
            when budget_months = extract(month from period_start_date) then year_to_date_budget_value
        end as year_to_date_budget_value
    from years_to_date

),

business_review as (

    select
        cycle.cycle_id,
        comparable.metric,
        comparable.level,
        comparable.level_id,
        comparable.period_start_date,
        case comparable.metric
            {%- for metric, (expression, unit) in metrics.items() %}
            when '{{ metric }}' then '{{ unit }}'
            {%- endfor %}
        end as unit,
        comparable.actual_value,
        comparable.budget_value,
        comparable.prior_year_value,
        comparable.actual_value - comparable.budget_value as variance_to_budget,
        {{ ratio('comparable.actual_value - comparable.budget_value', 'comparable.budget_value') }} as variance_ratio,
        comparable.year_to_date_actual_value,
        comparable.year_to_date_budget_value,
        {{ ratio(
            'comparable.year_to_date_actual_value - comparable.year_to_date_budget_value',
            'comparable.year_to_date_budget_value',
        ) }} as year_to_date_variance_ratio
    from comparable
    cross join cycle
    where comparable.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}

)

{{ select_contract('business_review') }}
