with

strategy as (select * from {{ ref('fct_inventory_strategy') }}),

policies as (select * from {{ ref('fct_inventory_policies') }}),

positions as (select * from {{ ref('fct_inventory_position') }}),

items as (select * from {{ ref('dim_items') }}),

stock as (

    select
        strategy.*,
        strategy.gap_to_target_units + strategy.target_units as usable_units,
        -- on hand and on order beyond safety stock and the demand of the horizon of excess
        strategy.gap_to_target_units + strategy.target_units + strategy.open_order_units
        - strategy.safety_stock_units - strategy.demand_units_of_horizon as surplus_units
    from strategy

),

proposals as (

    select
        item_id,
        site_id,
        'scrap_or_sell' as proposal,
        -actual_units as change_units,
        'Nothing is required, and no month of the last {{ still_months() }} saw stock leave.' as reason
    from stock
    where is_obsolete

    union all

    select
        item_id,
        site_id,
        'stop_buying' as proposal,
        -least(open_order_units, surplus_units) as change_units,
        'Of ' || {{ said_units('open_order_units') }} || ' on order; with the stock they go beyond safety stock and '
        || {{ said_units('demand_units_of_horizon') }} || ' of demand.' as reason
    from stock
    where open_order_units > 0 and surplus_units > 0

    union all

    select
        item_id,
        site_id,
        'reduce' as proposal,
        -excess_units as change_units,
        'Stock of ' || {{ said_units('actual_units') }} || ' stands against '
        || {{ said_units('demand_units_of_horizon') }} || ' of demand.' as reason
    from stock
    where excess_units > 0 and not is_obsolete

    union all

    select
        item_id,
        site_id,
        'build_up' as proposal,
        target_units - usable_units - open_order_units as change_units,
        'Stock and orders of ' || {{ said_units('usable_units + open_order_units') }} || ' stand below the target of '
        || {{ said_units('target_units') }} || '.' as reason
    from stock
    where usable_units + open_order_units < target_units

    union all

    -- The ERP orders by its own safety stock.
    select
        item_id,
        site_id,
        'change_safety_stock' as proposal,
        safety_stock_units - configured_units as change_units,
        'The ERP has ' || {{ said_units('configured_units') }} || '; the service asks for ' || {{ said_units('safety_stock_units') }} || '.' as reason
    from policies
    where
        target_basis = 'service_target'
        and abs(safety_stock_units - configured_units) > 0.25 * greatest(safety_stock_units, configured_units)

),

valued as (

    select
        policies.cycle_id,
        proposals.item_id,
        proposals.site_id,
        items.item_name,
        policies.family_id,
        proposals.proposal,
        proposals.change_units,
        {{ product('-proposals.change_units', 'coalesce(stock.unit_cost, positions.unit_cost, 0)') }} as freed_value,
        proposals.reason
    from proposals
    inner join policies
        on
            proposals.item_id = policies.item_id
            and proposals.site_id = policies.site_id
    left join items on proposals.item_id = items.item_id
    left join stock
        on
            proposals.item_id = stock.item_id
            and proposals.site_id = stock.site_id
    left join positions
        on
            proposals.item_id = positions.item_id
            and proposals.site_id = positions.site_id

),

inventory_proposals as (

    select
        cycle_id,
        item_id,
        site_id,
        item_name,
        family_id,
        proposal,
        change_units,
        freed_value,
        reason
    from valued
    where change_units <> 0

)

{{ select_contract('inventory_proposals') }}
