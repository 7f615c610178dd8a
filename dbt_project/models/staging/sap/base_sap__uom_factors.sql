with materials as (

    select matnr, base_uom_id from {{ ref('base_sap__materials') }}

),

alternative_units as (

    select * from {{ source('sap', 'marm') }}

),

units as (

    select * from {{ source('sap', 't006') }}
    -- temperatures do not convert by a factor, and a unit without a dimension converts by the material alone
    where coalesce(addko, 0) = 0 and dimid is not null and dimid <> 'AAAADL' and nennr > 0 and zaehl > 0

),

of_materials as (

    select
        materials.matnr,
        alternative_units.meinh as uom_id,
        alternative_units.umrez as numerator,
        alternative_units.umren as denominator
    from materials
    inner join alternative_units on materials.matnr = alternative_units.matnr
    where alternative_units.meinh <> materials.base_uom_id and alternative_units.umrez > 0 and alternative_units.umren > 0

),

-- Of one dimension: 1 TO is 1000 KG for every material. The power of ten stays on the side where it is whole.
of_dimensions as (

    select
        materials.matnr,
        units.msehi as uom_id,
        cast(units.zaehl * base_units.nennr as double precision)
        * power(10, case when coalesce(units.exp10, 0) > coalesce(base_units.exp10, 0)
            then coalesce(units.exp10, 0) - coalesce(base_units.exp10, 0) else 0 end) as numerator,
        cast(units.nennr * base_units.zaehl as double precision)
        * power(10, case when coalesce(base_units.exp10, 0) > coalesce(units.exp10, 0)
            then coalesce(base_units.exp10, 0) - coalesce(units.exp10, 0) else 0 end) as denominator
    from materials
    inner join units as base_units on materials.base_uom_id = base_units.msehi
    inner join units on base_units.dimid = units.dimid
    left join alternative_units
        on materials.matnr = alternative_units.matnr
        and units.msehi = alternative_units.meinh
    where units.msehi <> materials.base_uom_id and alternative_units.matnr is null

),

factors as (

    select
        matnr,
        base_uom_id as uom_id,
        cast(1 as decimal(18, 6)) as numerator,
        cast(1 as decimal(18, 6)) as denominator
    from materials

    union all

    select
        matnr,
        uom_id,
        cast(numerator as decimal(18, 6)) as numerator,
        cast(denominator as decimal(18, 6)) as denominator
    from of_materials

    union all

    select
        matnr,
        uom_id,
        {{ rounded('numerator', 'decimal(18,6)') }} as numerator,
        {{ rounded('denominator', 'decimal(18,6)') }} as denominator
    from of_dimensions

)

select matnr, uom_id, numerator, denominator
from factors
