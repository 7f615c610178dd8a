with

cycle as (select * from {{ ref('dim_cycle') }}),

performance as (select * from {{ ref('fct_inventory_performance') }}),

facts as (

    select
        period_start_date,
        365 * average_inventory_value as numerator,
        annual_cost_of_sales as denominator,
        days_of_inventory as actual_value
    from performance
    where level = 'company'

),

{{ kpi_measure(
    'days_of_inventory',
    missing='Neither stock nor sales are on file for the last year.',
    zero='Nothing was invoiced in the last year.',
) }}
