-- Sold in the balance (from stock) = delivered to demand (from the demand side), family by family.
with

balance as (select * from {{ ref('fct_family_balance') }}),

demand as (select * from {{ ref('fct_constrained_demand') }}),

delivered as (

    select
        scenario_id,
        family_id,
        period_start_date,
        sum(constrained_units) as delivered_units
    from demand
    group by scenario_id, family_id, period_start_date

)

select
    coalesce(balance.scenario_id, delivered.scenario_id) as scenario_id,
    coalesce(balance.family_id, delivered.family_id) as family_id,
    coalesce(balance.period_start_date, delivered.period_start_date) as period_start_date,
    balance.sold_units,
    delivered.delivered_units
from balance
full outer join delivered
    on
        balance.scenario_id = delivered.scenario_id
        and balance.family_id = delivered.family_id
        and balance.period_start_date = delivered.period_start_date
where coalesce(balance.sold_units, 0) <> coalesce(delivered.delivered_units, 0)
