-- Over the whole network a move between sites is neither supply nor use: what is dispatched stands in transit until it
-- arrives. So production is every arrival that is not a move, and other use is all consumption that is not a dispatch.
with

stock as (select * from {{ ref('fct_inventory_projection') }}),

flows as (select * from {{ ref('fct_supply_plan') }}),

demand as (select * from {{ ref('fct_constrained_demand') }}),

open_supply as (select * from {{ ref('fct_open_supply') }}),

sources as (select * from {{ ref('fct_sources') }}),

items as (select * from {{ ref('dim_items') }}),

periods as (select * from {{ ref('dim_periods') }}),

-- An item that is off sale may still be owed to customers: it counts for as long as it is demanded.
saleable_items as (

    select
        items.item_id,
        items.category_id,
        items.family_id
    from items
    where
        items.is_saleable
        or exists (select 1 from demand where demand.item_id = items.item_id)

),

stock_by_family as (

    select
        stock.cycle_id,
        stock.scenario_id,
        stock.category_id,
        stock.family_id,
        stock.period_start_date,
        sum(stock.opening_units) as opening_units,
        sum(stock.open_supply_units) as open_supply_units,
        sum(stock.received_units) as received_units,
        sum(stock.consumed_units) as consumed_units,
        sum(stock.sold_units) as sold_units,
        sum(stock.closing_units) as closing_units,
        sum(stock.target_units) as target_units,
        sum(stock.inventory_value) as closing_value
    from stock
    inner join saleable_items on stock.item_id = saleable_items.item_id
    group by stock.cycle_id, stock.scenario_id, stock.category_id, stock.family_id, stock.period_start_date

),

moves_by_family as (

    select
        flows.scenario_id,
        saleable_items.family_id,
        flows.period_start_date,
        sum(
            {{ product('flows.released_units', 'sources.yield_ratio', 'decimal(18,3)') }}
        ) as dispatched_units,
        sum(flows.received_units) as arrived_units
    from flows
    inner join saleable_items on flows.item_id = saleable_items.item_id
    inner join sources on flows.source_id = sources.source_id
    where flows.source_type = 'move'
    group by flows.scenario_id, saleable_items.family_id, flows.period_start_date

),

open_transfers as (

    select
        saleable_items.family_id,
        open_supply.expected_period_start_date as period_start_date,
        sum(open_supply.open_units) as open_transfer_units
    from open_supply
    inner join saleable_items on open_supply.item_id = saleable_items.item_id
    where open_supply.supply_type = 'transfer'
    group by saleable_items.family_id, open_supply.expected_period_start_date

),

first_in_transit as (

    select
        family_id,
        sum(open_transfer_units) as in_transit_units
    from open_transfers
    group by family_id

),

demand_by_family as (

    select
        scenario_id,
        family_id,
        period_start_date,
        sum(unconstrained_units) as demand_units,
        sum(backlog_units) as backlog_units,
        sum(lost_units) as lost_units
    from demand
    group by scenario_id, family_id, period_start_date

),

flows_by_family as (

    select
        stock_by_family.*,
        coalesce(moves_by_family.dispatched_units, 0) as dispatched_units,
        coalesce(moves_by_family.arrived_units, 0) as arrived_units,
        coalesce(open_transfers.open_transfer_units, 0) as open_transfer_units,
        coalesce(first_in_transit.in_transit_units, 0) as first_in_transit_units,
        coalesce(demand_by_family.demand_units, 0) as demand_units,
        coalesce(demand_by_family.backlog_units, 0) as backlog_units,
        coalesce(demand_by_family.lost_units, 0) as lost_units,
        periods.period_days
    from stock_by_family
    inner join periods on stock_by_family.period_start_date = periods.period_start_date
    left join moves_by_family
        on
            stock_by_family.scenario_id = moves_by_family.scenario_id
            and stock_by_family.family_id = moves_by_family.family_id
            and stock_by_family.period_start_date = moves_by_family.period_start_date
    left join open_transfers
        on
            stock_by_family.family_id = open_transfers.family_id
            and stock_by_family.period_start_date = open_transfers.period_start_date
    left join first_in_transit on stock_by_family.family_id = first_in_transit.family_id
    left join demand_by_family
        on
            stock_by_family.scenario_id = demand_by_family.scenario_id
            and stock_by_family.family_id = demand_by_family.family_id
            and stock_by_family.period_start_date = demand_by_family.period_start_date

),

with_transit as (

    select
        flows_by_family.*,
        first_in_transit_units + sum(dispatched_units - arrived_units - open_transfer_units) over (
            partition by scenario_id, family_id
            order by period_start_date
            rows between unbounded preceding and current row
        ) as in_transit_units,
        sum(demand_units) over (
            partition by scenario_id, family_id
            order by period_start_date
            rows between 1 following and 3 following
        ) as next_demand_units,
        sum(period_days) over (
            partition by scenario_id, family_id
            order by period_start_date
            rows between 1 following and 3 following
        ) as next_days
    from flows_by_family

),

network as (

    select
        cycle_id,
        scenario_id,
        category_id,
        family_id,
        period_start_date,
        demand_units,
        opening_units + in_transit_units - dispatched_units + arrived_units + open_transfer_units as opening_units,
        open_supply_units - open_transfer_units + received_units - arrived_units as production_units,
        consumed_units - dispatched_units as other_use_units,
        sold_units,
        closing_units + in_transit_units as closing_units,
        in_transit_units,
        target_units,
        backlog_units,
        lost_units,
        closing_value,
        next_demand_units,
        next_days
    from with_transit

),

family_balance as (

    select
        cycle_id,
        scenario_id,
        category_id,
        family_id,
        period_start_date,
        demand_units,
        opening_units,
        production_units,
        other_use_units,
        sold_units,
        closing_units,
        in_transit_units,
        target_units,
        backlog_units,
        lost_units,
        closing_value,
        {{ ratio('closing_units * next_days', 'next_demand_units') }} as days_of_supply
    from network

)

{{ select_contract('family_balance') }}
