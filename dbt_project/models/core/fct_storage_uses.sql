{#- An item that has no volume or weight takes no room that is measured in it: fct_storage_load counts such items. -#}
with storage_load as (
    select * from {{ ref('fct_storage_load') }}
),

inventory_position as (
    select * from {{ ref('fct_inventory_position') }}
),

items as (
    select * from {{ ref('items') }}
),

rooms as (
    select distinct
        site_id,
        capacity_unit
    from storage_load
),

uses as (
    select
        rooms.site_id,
        rooms.capacity_unit,
        inventory_position.item_id,
        case rooms.capacity_unit when 'm3' then items.volume_m3 when 'kg' then items.weight_kg else 1 end as space_per_unit
    from rooms
    inner join inventory_position on rooms.site_id = inventory_position.site_id
    inner join items on inventory_position.item_id = items.item_id
),

measured as (
    select * from uses
    where space_per_unit > 0
)

{{ select_contract('measured') }}
