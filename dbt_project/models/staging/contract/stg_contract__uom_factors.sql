with items as (
    select * from {{ source('contract', 'items') }}
),

uom_conversions as (
    select * from {{ source('contract', 'uom_conversions') }}
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

-- Nor has a unit with two factors, or one that is not above 0.
alternative_units as (
    select
        item_id,
        from_uom_id as uom_id,
        min(numerator) as numerator,
        min(denominator) as denominator
    from uom_conversions
    where to_uom_id is null
    group by item_id, from_uom_id
    having
        min(numerator) = max(numerator)
        and min(denominator) = max(denominator)
        and min(numerator) > 0
        and min(denominator) > 0
),

factors as (
    select
        base_units.item_id,
        base_units.uom_id,
        cast(1 as decimal(18, 6)) as numerator,
        cast(1 as decimal(18, 6)) as denominator
    from base_units

    union all

    -- A row that restates the base unit is not needed and not read.
    select
        alternative_units.item_id,
        alternative_units.uom_id,
        alternative_units.numerator,
        alternative_units.denominator
    from alternative_units
    inner join base_units on alternative_units.item_id = base_units.item_id
    where alternative_units.uom_id <> base_units.uom_id
)

select
    item_id,
    uom_id,
    numerator,
    denominator
from factors
