with

cycle as (select * from {{ ref('dim_cycle') }}),

gaps as (select * from {{ ref('fct_gap_to_goal') }}),

-- A year counts only where all twelve months have a budget: a part of it must not be held against the whole.
calendar_year as (

    select
        cycle.cycle_start_date as period_start_date,
        sum(gaps.projected_value) as projected_value,
        case when count(gaps.budget_value) = 12 then sum(gaps.budget_value) end as budget_value
    from gaps
    cross join cycle
    where
        gaps.metric = 'revenue'
        and gaps.level = 'company'
        and extract(year from gaps.period_start_date) = extract(year from cycle.cycle_start_date)
    group by cycle.cycle_start_date

),

facts as (

    select
        period_start_date,
        projected_value as numerator,
        budget_value as denominator,
        {{ ratio('projected_value', 'budget_value') }} as actual_value
    from calendar_year

),

{{ kpi_measure(
    'full_year_revenue_to_budget',
    missing='No revenue budget of the company was given for the calendar year of the cycle.',
    zero='No revenue budget of the company was given for every month of the calendar year of the cycle.',
    month='cycle.cycle_start_date',
) }}
