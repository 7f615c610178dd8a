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
    where metric = 'plan_attainment_volume' and level = 'company'

),

{{ kpi_measure(
    'plan_attainment_volume',
    missing='No plan was published by the cycle of the last closed month: attainment is measured on published plans only.',
    zero='The published plan had no production in the month.',
) }}
