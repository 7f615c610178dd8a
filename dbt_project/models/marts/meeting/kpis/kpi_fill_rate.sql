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
    where metric = 'fill_rate' and level = 'company'

),

{{ kpi_measure(
    'fill_rate',
    missing='No order line was requested for the month.',
    zero='No units were requested for the month.',
) }}
