with

cycle as (select * from {{ ref('dim_cycle') }}),

inventory_snapshots as (select * from {{ ref('inventory_snapshots') }}),

costs as (select * from {{ ref('costs_in_force') }}),

latest as (

    select
        inventory_snapshots.site_id,
        max(inventory_snapshots.snapshot_date) as snapshot_date
    from inventory_snapshots
    inner join cycle on inventory_snapshots.snapshot_date <= cycle.cycle_start_date
    group by inventory_snapshots.site_id

),

valued as (

    select
        inventory_snapshots.site_id,
        inventory_snapshots.snapshot_date,
        inventory_snapshots.is_dated,
        inventory_snapshots.item_id,
        inventory_snapshots.stock_status,
        inventory_snapshots.on_hand_units,
        {{ product('inventory_snapshots.on_hand_units', 'coalesce(costs.unit_cost, 0)') }} as value
    from inventory_snapshots
    inner join latest
        on inventory_snapshots.site_id = latest.site_id
        and inventory_snapshots.snapshot_date = latest.snapshot_date
    left join costs
        on inventory_snapshots.item_id = costs.item_id
        and inventory_snapshots.site_id = costs.site_id

)

select
    site_id,
    snapshot_date,
    is_dated,
    item_id,
    stock_status,
    on_hand_units,
    value
from valued
