with

cycle as (select * from {{ ref('dim_cycle') }}),

demand_history as (select * from {{ ref('fct_demand_history') }}),

months as (

    select
        demand_history.item_id,
        demand_history.period_start_date,
        sum(demand_history.ordered_units) as units,
        sum(demand_history.revenue) as revenue
    from demand_history
    group by demand_history.item_id, demand_history.period_start_date
    having sum(demand_history.ordered_units) > 0

),

sold as (

    select
        months.item_id,
        count(*) as months_with_orders,
        sum(months.units) as units,
        sum(case when months.period_start_date >= {{ a_year_before('cycle') }} then months.units else 0 end) as units_last_year,
        sum(case when months.period_start_date >= {{ a_year_before('cycle') }} then months.revenue else 0 end) as revenue_last_year
    from months
    cross join cycle
    group by months.item_id

)

select
    item_id,
    months_with_orders,
    units,
    units_last_year,
    revenue_last_year
from sold
