-- Revenue of the projection = delivered units x price, stream by stream; inventory value = that of the stock plan.
with

projection as (select * from {{ ref('fct_financial_projection') }}),

fulfilment as (select * from {{ source('planning', 'demand_fulfilment') }}),

inventory as (select * from {{ ref('fct_inventory_projection') }}),

both_sides as (

    select
        scenario_id,
        period_start_date,
        revenue,
        inventory_value
    from projection

    union all

    select
        scenario_id,
        period_start_date,
        -{{ product('delivered_units', 'unit_price') }} as revenue,
        cast(0 as decimal(18, 4)) as inventory_value
    from fulfilment

    union all

    select
        scenario_id,
        period_start_date,
        cast(0 as decimal(18, 4)) as revenue,
        -inventory_value as inventory_value
    from inventory

)

select
    scenario_id,
    period_start_date,
    sum(revenue) as residual_revenue,
    sum(inventory_value) as residual_inventory_value
from both_sides
group by scenario_id, period_start_date
having sum(revenue) <> 0 or sum(inventory_value) <> 0
