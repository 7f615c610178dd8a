with

cycle as (select * from {{ ref('dim_cycle') }}),

review as (select * from {{ ref('fct_business_review') }}),

facts as (

    select
        period_start_date,
        year_to_date_actual_value as numerator,
        year_to_date_budget_value as denominator,
        {{ ratio('year_to_date_actual_value', 'year_to_date_budget_value') }} as actual_value
    from review
    where metric = 'revenue' and level = 'company'

),

{{ kpi_measure(
    'revenue_to_budget_year_to_date',
    missing='Nothing was invoiced and no budget was given for the month.',
    zero='No revenue budget of the company was given for every month of the year so far.',
) }}
