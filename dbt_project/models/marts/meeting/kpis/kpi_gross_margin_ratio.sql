with

cycle as (select * from {{ ref('dim_cycle') }}),

review as (select * from {{ ref('fct_business_review') }}),

facts as (

    select
        margins.period_start_date,
        margins.actual_value as numerator,
        revenues.actual_value as denominator,
        {{ ratio('margins.actual_value', 'revenues.actual_value') }} as actual_value
    from review as margins
    inner join review as revenues on margins.period_start_date = revenues.period_start_date
    where
        margins.metric = 'gross_margin' and margins.level = 'company'
        and revenues.metric = 'revenue' and revenues.level = 'company'

),

{{ kpi_measure(
    'gross_margin_ratio',
    missing='Nothing was invoiced in the month.',
    zero='Nothing was invoiced in the month.',
) }}
