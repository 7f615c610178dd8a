-- Units hold for all items: each is told in the reference unit of its dimension.
with units as (
    select * from {{ ref('base_odoo__uoms') }}
),

delivered as (
    select id, source_file_sha256, source_row_number from {{ source('odoo', 'uom_uom') }}
),

reference_units as (
    select
        dimension,
        min(uom_id) as uom_id
    from units
    where numerator = denominator
    group by dimension
)

select
    cast(null as varchar) as item_id,
    units.uom_code as from_uom_id,
    told_in.uom_code as to_uom_id,
    units.numerator,
    units.denominator,
    cast(null as date) as valid_from_date,
    delivered.source_file_sha256,
    delivered.source_row_number
from units
inner join reference_units on units.dimension = reference_units.dimension
inner join units as told_in on reference_units.uom_id = told_in.uom_id
inner join delivered on units.uom_id = delivered.id
where units.uom_id <> told_in.uom_id
