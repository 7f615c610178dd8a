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
    where metric = 'customer_otif' and level = 'company'

),

{{ kpi_measure(
    'customer_otif',
    missing='No order line was requested for the month.',
    zero='No order line was requested for the month.',
) }}
