with cycle as (
    select * from {{ ref('dim_cycle') }}
),

inventory_snapshots as (
    select * from {{ ref('inventory_snapshots') }}
),

unit_costs as (
    select * from {{ ref('fct_unit_costs') }}
),

-- The last snapshot that a site took in a month stands for the month's end.
month_ends as (
    select
        inventory_snapshots.site_id,
        max(inventory_snapshots.snapshot_date) as snapshot_date
    from inventory_snapshots
    inner join cycle on inventory_snapshots.snapshot_date < cycle.cycle_start_date
    group by inventory_snapshots.site_id, {{ month_of('inventory_snapshots.snapshot_date') }}
),

stock as (
    select
        inventory_snapshots.item_id,
        inventory_snapshots.site_id,
        {{ month_of('inventory_snapshots.snapshot_date') }} as period_start_date,
        sum(inventory_snapshots.on_hand_units) as on_hand_units,
        sum(
            case
                when inventory_snapshots.stock_status in ('{{ free_stock_statuses() | join("', '") }}')
                    then inventory_snapshots.on_hand_units
                else 0
            end
        ) as usable_units
    from inventory_snapshots
    inner join month_ends
        on inventory_snapshots.site_id = month_ends.site_id
        and inventory_snapshots.snapshot_date = month_ends.snapshot_date
    group by inventory_snapshots.item_id, inventory_snapshots.site_id, {{ month_of('inventory_snapshots.snapshot_date') }}
),

valued as (
    select
        stock.item_id,
        stock.site_id,
        stock.period_start_date,
        stock.on_hand_units,
        stock.usable_units,
        {{ product('stock.on_hand_units', 'unit_costs.unit_cost') }} as inventory_value
    from stock
    inner join unit_costs
        on stock.item_id = unit_costs.item_id
        and stock.site_id = unit_costs.site_id
        and stock.period_start_date between unit_costs.valid_from_date and unit_costs.valid_to_date
)

{{ select_contract('valued') }}
