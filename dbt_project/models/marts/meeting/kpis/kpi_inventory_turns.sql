with

cycle as (select * from {{ ref('dim_cycle') }}),

performance as (select * from {{ ref('fct_inventory_performance') }}),

facts as (

    select
        period_start_date,
        annual_cost_of_sales as numerator,
        average_inventory_value as denominator,
        inventory_turns as actual_value
    from performance
    where level = 'company'

),

{{ kpi_measure(
    'inventory_turns',
    missing='Neither stock nor sales are on file for the last year.',
    zero='No stock value is on file for the month ends of the last year.',
) }}
