-- Hours of one unit of time: the SI unit of the dimension is the second.
with units as (

    select * from {{ source('sap', 't006') }}
    where dimid = 'TIME' and nennr > 0

)

select
    msehi as uom_id,
    cast(zaehl as double precision) / cast(nennr as double precision) * power(10, coalesce(exp10, 0))
    / 3600.0 as hours
from units
