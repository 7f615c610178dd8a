with delivered as (
    select * from {{ source('contract', 'uom_conversions') }}
),

items as (
    select * from {{ source('contract', 'items') }}
),

-- An item delivered twice with two base units has none that can be trusted.
base_units as (
    select
        item_id,
        min(base_uom_id) as uom_id
    from items
    group by item_id
    having min(base_uom_id) = max(base_uom_id)
),

conversions as (
    select
        delivered.item_id,
        delivered.from_uom_id,
        coalesce(delivered.to_uom_id, base_units.uom_id) as to_uom_id,
        delivered.numerator,
        delivered.denominator,
        delivered.valid_from_date,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join base_units on delivered.item_id = base_units.item_id
)

select
    item_id,
    from_uom_id,
    to_uom_id,
    numerator,
    denominator,
    valid_from_date,
    source_file_sha256,
    source_row_number
from conversions
