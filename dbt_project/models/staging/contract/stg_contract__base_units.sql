with items as (
    select * from {{ source('contract', 'items') }}
)

-- An item delivered twice with two base units has none that can be trusted.
select
    item_id,
    min(base_uom_id) as uom_id
from items
group by item_id
having min(base_uom_id) = max(base_uom_id)
