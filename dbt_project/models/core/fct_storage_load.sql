{#- Of several kinds of storage at a site it is not known which item stands where: all of a unit are one room. -#}
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

storage_capacities as (
    select * from {{ ref('storage_capacities') }}
),

inventory_position as (
    select * from {{ ref('fct_inventory_position') }}
),

items as (
    select * from {{ ref('items') }}
),

room as (
    select
        storage_capacities.site_id,
        storage_capacities.capacity_unit,
        storage_capacities.period_start_date,
        sum(storage_capacities.available_capacity) as available_capacity
    from storage_capacities
    inner join cycle on storage_capacities.period_start_date >= cycle.cycle_start_date
    group by storage_capacities.site_id, storage_capacities.capacity_unit, storage_capacities.period_start_date
),

held as (
    select
        inventory_position.site_id,
        sum(inventory_position.on_hand_units) as units,
        sum({{ product('inventory_position.on_hand_units', 'coalesce(items.volume_m3, 0)') }}) as m3,
        sum({{ product('inventory_position.on_hand_units', 'coalesce(items.weight_kg, 0)') }}) as kg,
        sum(case when inventory_position.on_hand_units > 0 and items.volume_m3 is null then 1 else 0 end) as items_without_volume,
        sum(case when inventory_position.on_hand_units > 0 and items.weight_kg is null then 1 else 0 end) as items_without_weight
    from inventory_position
    inner join items on inventory_position.item_id = items.item_id
    group by inventory_position.site_id
),

loads as (
    select
        room.site_id,
        room.capacity_unit,
        room.period_start_date,
        room.available_capacity,
        coalesce(case room.capacity_unit when 'm3' then held.m3 when 'kg' then held.kg else held.units end, 0) as opening_load,
        coalesce(case room.capacity_unit when 'm3' then held.items_without_volume when 'kg' then held.items_without_weight else 0 end, 0) as unmeasured_items
    from room
    left join held on room.site_id = held.site_id
),

measured as (
    select
        loads.*,
        {{ ratio('opening_load', 'available_capacity') }} as load_ratio
    from loads
)

{{ select_contract('measured') }}
