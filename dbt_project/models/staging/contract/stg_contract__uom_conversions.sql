with delivered as (
    select * from {{ source('contract', 'uom_conversions') }}
),

base_units as (
    select * from {{ ref('stg_contract__base_units') }}
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
