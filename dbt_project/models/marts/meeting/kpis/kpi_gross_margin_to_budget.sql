with

cycle as (select * from {{ ref('dim_cycle') }}),

review as (select * from {{ ref('fct_business_review') }}),

facts as (

    select
        period_start_date,
        actual_value as numerator,
        budget_value as denominator,
        {{ ratio('actual_value', 'budget_value') }} as actual_value
    from review
    where metric = 'gross_margin' and level = 'company'

),

{{ kpi_measure(
    'gross_margin_to_budget',
    missing='Nothing was invoiced and no budget was given for the month.',
    zero='No gross margin budget of the company was given for the month.',
) }}
