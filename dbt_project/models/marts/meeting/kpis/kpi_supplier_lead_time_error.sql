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
    where metric = 'lead_time_error' and level = 'company'

),

{{ kpi_measure(
    'supplier_lead_time_error',
    missing='No line that was promised for the month has come.',
    zero='No line that was promised for the month has come.',
) }}
