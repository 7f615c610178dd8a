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
    where metric = 'utilisation' and level = 'company'

),

{{ kpi_measure(
    'capacity_utilisation',
    missing='No resource hours are on file for the month.',
    zero='No resource had hours available in the month.',
) }}
