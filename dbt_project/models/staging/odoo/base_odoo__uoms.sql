with units as (
    select * from {{ source('odoo', 'uom_uom') }}
),

-- Up to 18 the factor is units for one reference unit; since 19, which knows no categories, it is the other way round.
told as (
    select
        id as uom_id,
        {{ odoo_name('name') }} as uom_code,
        case
            when category_id is not null then 'category ' || cast(category_id as varchar)
            else 'unit ' || split_part(coalesce(parent_path, cast(id as varchar)), '/', 1)
        end as dimension,
        case when category_id is not null then cast(1 as double precision) / nullif(factor, 0) else factor end as reference_units,
        case when category_id is not null then factor else cast(1 as double precision) / nullif(factor, 0) end as units_per_reference
    from units
),

decimals as (
    select
        *,
        {{ rounded('reference_units', 'decimal(18,6)') }} as reference_units_decimal,
        {{ rounded('units_per_reference', 'decimal(18,6)') }} as units_per_reference_decimal
    from told
),

-- A dozen is stored as 0.08333333333333333: it is 12 reference units for 1, exactly. Three boxes of ten pieces are 0.3 boxes a
-- piece: 1 for 0.3. Whichever side has an exact decimal is taken.
judged as (
    select
        *,
        abs(cast(reference_units_decimal as double precision) - reference_units) <= 1e-9 * abs(reference_units) as is_whole
    from decimals
)

select
    uom_id,
    uom_code,
    dimension,
    case when is_whole then reference_units_decimal else cast(1 as decimal(18, 6)) end as numerator,
    case when is_whole then cast(1 as decimal(18, 6)) else units_per_reference_decimal end as denominator
from judged
where reference_units > 0
