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
    where metric = 'supplier_otif' and level = 'company'

),

{{ kpi_measure(
    'supplier_otif',
    missing='No receipt was promised for the month.',
    zero='No receipt was promised for the month.',
) }}
