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
    where metric = 'purchase_adherence' and level = 'company'

),

{{ kpi_measure(
    'purchase_adherence',
    missing='No plan was published for the month.',
    zero='Nothing was planned to be ordered in the month.',
) }}
