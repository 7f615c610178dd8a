with

cycle as (select * from {{ ref('dim_cycle') }}),

performance as (select * from {{ ref('fct_supply_performance') }}),

facts as (

    select
        period_start_date,
        numerator,
        denominator,
        value_ratio as actual_value
    from performance
    where metric = 'yield' and level = 'company'

),

{{ kpi_measure(
    'production_yield',
    missing='No production was completed in the month.',
    zero='No production was completed in the month.',
) }}
