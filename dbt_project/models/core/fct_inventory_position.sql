with cycle as (
    select * from {{ ref('dim_cycle') }}
),

item_sites as (
    select * from {{ ref('item_sites') }}
),

inventory_snapshots as (
    select * from {{ ref('inventory_snapshots') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

unit_costs as (
    select * from {{ ref('fct_unit_costs') }}
),

latest_snapshots as (
    select
        inventory_snapshots.site_id,
        max(inventory_snapshots.snapshot_date) as snapshot_date
    from inventory_snapshots
    inner join cycle on inventory_snapshots.snapshot_date <= cycle.cycle_start_date
    group by inventory_snapshots.site_id
),

stock as (
    select
        inventory_snapshots.item_id,
        inventory_snapshots.site_id,
        sum(inventory_snapshots.on_hand_units) as on_hand_units,
        sum(
            case
                when inventory_snapshots.stock_status in ('{{ free_stock_statuses() | join("', '") }}')
                    then inventory_snapshots.on_hand_units
                else 0
            end
        ) as usable_units,
        sum(
            case when inventory_snapshots.stock_status = 'in_process' then inventory_snapshots.on_hand_units else 0 end
        ) as in_process_units
    from inventory_snapshots
    inner join latest_snapshots
        on inventory_snapshots.site_id = latest_snapshots.site_id
        and inventory_snapshots.snapshot_date = latest_snapshots.snapshot_date
    group by inventory_snapshots.item_id, inventory_snapshots.site_id
),

backlog as (
    select
        order_lines.item_id,
        order_lines.site_id,
        sum(order_lines.ordered_units - order_lines.shipped_units) as backlog_units
    from order_lines
    inner join cycle on order_lines.demand_date < cycle.cycle_start_date
    where order_lines.is_open
    group by order_lines.item_id, order_lines.site_id
),

-- The plan holds one maximum for the horizon: the tightest month that people named.
storage_overrides as (
    select
        item_id,
        object_id as site_id,
        min(available_quantity) as maximum_stock_units
    from {{ ref('fct_capacity_overrides') }}
    where capacity_type = 'storage'
    group by item_id, object_id
),

-- The workbook keeps the rows of an item-site to one strategy.
strategies as (
    select
        item_id,
        site_id,
        min(order_strategy) as order_strategy
    from {{ source('planner', 'item_policies') }}
    group by item_id, site_id
),

stocked as (
    select item_id, site_id from item_sites
    union
    select item_id, site_id from stock
    union
    select item_id, site_id from backlog
),

-- A negative stock is a booking that is missing; the plan may not start from stock that is owed to nobody.
positions as (
    select
        stocked.item_id,
        stocked.site_id,
        coalesce(stock.on_hand_units, 0) as on_hand_units,
        case when stock.usable_units > 0 then stock.usable_units else 0 end as usable_units,
        coalesce(stock.in_process_units, 0) as in_process_units,
        coalesce(backlog.backlog_units, 0) as backlog_units,
        item_sites.safety_stock_units as configured_safety_stock_units,
        coalesce(storage_overrides.maximum_stock_units, item_sites.maximum_stock_units) as maximum_stock_units,
        unit_costs.unit_cost,
        coalesce(strategies.order_strategy, 'MTS') as order_strategy
    from stocked
    cross join cycle
    inner join unit_costs
        on stocked.item_id = unit_costs.item_id
        and stocked.site_id = unit_costs.site_id
        and cycle.cycle_start_date between unit_costs.valid_from_date and unit_costs.valid_to_date
    left join item_sites
        on stocked.item_id = item_sites.item_id
        and stocked.site_id = item_sites.site_id
    left join stock
        on stocked.item_id = stock.item_id
        and stocked.site_id = stock.site_id
    left join backlog
        on stocked.item_id = backlog.item_id
        and stocked.site_id = backlog.site_id
    left join storage_overrides
        on stocked.item_id = storage_overrides.item_id
        and stocked.site_id = storage_overrides.site_id
    left join strategies
        on stocked.item_id = strategies.item_id
        and stocked.site_id = strategies.site_id
)

{{ select_contract('positions') }}
