with

cycle as (select * from {{ ref('dim_cycle') }}),

positions as (select * from {{ ref('fct_inventory_position') }}),

history as (select * from {{ ref('fct_inventory_history') }}),

open_supply as (select * from {{ ref('fct_open_supply') }}),

sources as (select * from {{ ref('fct_sources') }}),

items as (select * from {{ ref('dim_items') }}),

safety_stocks as (select * from {{ source('planning', 'safety_stocks') }}),

targets as (select * from {{ source('planning', 'target_stocks') }}),

parameters as (

    select
        {{ company_parameter('excess_months') }} as excess_months,
        {{ company_parameter('review_months') }} as review_months

),

-- Smallest lot of the first choice: half of it lies in stock on average where it is larger than a review's use.
lots as (

    select
        item_id,
        site_id,
        max(minimum_lot_units) as lot_units
    from sources
    where priority = 1
    group by item_id, site_id

),

on_order as (

    select
        item_id,
        site_id,
        sum(open_units) as open_order_units
    from open_supply
    group by item_id, site_id

),

first_targets as (

    select
        targets.item_id,
        targets.site_id,
        targets.target_units
    from targets
    inner join cycle on targets.period_start_date = cycle.cycle_start_date

),

month_ends as (

    select
        history.item_id,
        history.site_id,
        history.period_start_date,
        history.on_hand_units,
        lag(history.on_hand_units) over (
            partition by history.item_id, history.site_id
            order by history.period_start_date
        ) as units_before
    from history
    cross join cycle
    where
        history.period_start_date < cycle.cycle_start_date
        and history.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ (still_months() | int + 1)) }}

),

moved_out as (

    select
        item_id,
        site_id,
        sum(case when on_hand_units < units_before then 1 else 0 end) as months_with_fall
    from month_ends
    group by item_id, site_id

),

needs as (

    select
        positions.item_id,
        positions.site_id,
        positions.on_hand_units,
        positions.usable_units,
        positions.in_process_units,
        coalesce(positions.unit_cost, 0) as unit_cost,
        safety_stocks.abc_class,
        coalesce(safety_stocks.safety_stock_units, 0) as safety_stock_units,
        coalesce(safety_stocks.demand_units_per_month, 0) as demand_units_per_month,
        coalesce(first_targets.target_units, 0) as target_units,
        coalesce(on_order.open_order_units, 0) as open_order_units,
        coalesce(moved_out.months_with_fall, 0) as months_with_fall,
        cast(
            greatest(
                0.5 * parameters.review_months * coalesce(safety_stocks.demand_units_per_month, 0),
                case when coalesce(safety_stocks.demand_units_per_month, 0) > 0 then 0.5 * coalesce(lots.lot_units, 0) else 0 end
            ) as decimal(18, 3)
        ) as cycle_stock_units,
        cast(parameters.excess_months * coalesce(safety_stocks.demand_units_per_month, 0) as decimal(18, 3)) as horizon_units
    from positions
    cross join parameters
    left join safety_stocks
        on
            positions.item_id = safety_stocks.item_id
            and positions.site_id = safety_stocks.site_id
    left join first_targets
        on
            positions.item_id = first_targets.item_id
            and positions.site_id = first_targets.site_id
    left join on_order
        on
            positions.item_id = on_order.item_id
            and positions.site_id = on_order.site_id
    left join lots
        on
            positions.item_id = lots.item_id
            and positions.site_id = lots.site_id
    left join moved_out
        on
            positions.item_id = moved_out.item_id
            and positions.site_id = moved_out.site_id

),

-- Stock is told off in order: what cannot be used yet, safety, cycle, what the coming months take, and the rest is too much.
-- Each part is what is left of the stock or less, so that the parts are the stock exactly.
free as (

    select
        needs.*,
        needs.on_hand_units - needs.usable_units + needs.in_process_units as pipeline_units,
        needs.usable_units - needs.in_process_units as free_units
    from needs

),

with_safety as (

    select
        free.*,
        greatest(least(free.free_units, free.safety_stock_units), 0) as safety_units
    from free

),

with_cycle as (

    select
        with_safety.*,
        greatest(least(free_units - safety_units, cycle_stock_units), 0) as cycle_units
    from with_safety

),

with_anticipation as (

    select
        with_cycle.*,
        greatest(least(free_units - safety_units - cycle_units, horizon_units - cycle_units), 0) as anticipation_units
    from with_cycle

),

composed as (

    select
        with_anticipation.*,
        free_units - safety_units - cycle_units - anticipation_units as excess_units,
        coalesce(demand_units_per_month = 0 and months_with_fall = 0 and on_hand_units > 0, false) as is_obsolete
    from with_anticipation

),

inventory_strategy as (

    select
        cycle.cycle_id,
        composed.item_id,
        composed.site_id,
        items.family_id,
        composed.abc_class,
        composed.unit_cost,
        composed.on_hand_units as actual_units,
        composed.safety_units,
        composed.cycle_units,
        composed.anticipation_units,
        composed.pipeline_units,
        composed.excess_units,
        composed.safety_stock_units,
        composed.target_units,
        composed.usable_units - composed.target_units as gap_to_target_units,
        composed.horizon_units as demand_units_of_horizon,
        composed.open_order_units,
        {{ ratio('composed.on_hand_units * 30.4375', 'composed.demand_units_per_month') }} as days_of_supply,
        composed.is_obsolete,
        {{ product('composed.on_hand_units', 'composed.unit_cost') }} as actual_value,
        {{ product('composed.safety_units', 'composed.unit_cost') }} as safety_value,
        {{ product('composed.cycle_units', 'composed.unit_cost') }} as cycle_value,
        {{ product('composed.anticipation_units', 'composed.unit_cost') }} as anticipation_value,
        {{ product('composed.pipeline_units', 'composed.unit_cost') }} as pipeline_value,
        {{ product('composed.excess_units', 'composed.unit_cost') }} as excess_value,
        case
            when composed.is_obsolete then {{ product('composed.on_hand_units', 'composed.unit_cost') }}
            else 0
        end as obsolete_value,
        {{ product('composed.target_units', 'composed.unit_cost') }} as target_value,
        case
            when composed.is_obsolete then 'scrap_or_sell'
            when composed.excess_units > 0 and composed.open_order_units > 0 then 'stop_buying'
            when composed.excess_units > 0 then 'reduce'
            when composed.usable_units + composed.open_order_units < composed.target_units then 'build_up'
            else 'keep'
        end as proposal
    from composed
    cross join cycle
    left join items on composed.item_id = items.item_id
    where composed.on_hand_units <> 0 or composed.target_units > 0

)

{{ select_contract('inventory_strategy') }}
