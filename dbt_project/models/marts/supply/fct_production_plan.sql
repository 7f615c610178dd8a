with

flows as (select * from {{ source('planning', 'supply_plan') }}),

scenarios as (select * from {{ source('planning', 'solve_log') }}),

open_supply as (select * from {{ ref('fct_open_supply') }}),

periods as (select * from {{ ref('dim_periods') }}),

items as (select * from {{ ref('dim_items') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

production as (

    select
        scenario_id,
        item_id,
        site_id,
        period_start_date,
        released_units,
        received_units,
        cast(0 as decimal(18, 3)) as open_order_units
    from flows
    where source_type = 'make'

    union all

    -- Orders already open are carried out in every scenario.
    select
        scenarios.scenario_id,
        open_supply.item_id,
        open_supply.site_id,
        open_supply.expected_period_start_date as period_start_date,
        cast(0 as decimal(18, 3)) as released_units,
        cast(0 as decimal(18, 3)) as received_units,
        open_supply.open_units as open_order_units
    from open_supply
    inner join periods on open_supply.expected_period_start_date = periods.period_start_date
    cross join scenarios
    where open_supply.supply_type = 'production' and periods.is_horizon

),

by_month as (

    select
        scenario_id,
        item_id,
        site_id,
        period_start_date,
        sum(released_units) as released_units,
        sum(received_units) as received_units,
        sum(open_order_units) as open_order_units
    from production
    group by scenario_id, item_id, site_id, period_start_date

),

production_plan as (

    select
        cycle.cycle_id,
        by_month.scenario_id,
        by_month.item_id,
        by_month.site_id,
        items.category_id,
        items.family_id,
        by_month.period_start_date,
        by_month.released_units,
        by_month.received_units,
        by_month.open_order_units,
        by_month.received_units + by_month.open_order_units as planned_units
    from by_month
    cross join cycle
    left join items on by_month.item_id = items.item_id

)

{{ select_contract('production_plan') }}
