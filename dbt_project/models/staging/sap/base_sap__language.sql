-- The language that texts are read in: that of the first company code.
with numbered as (

    select spras, row_number() over (order by bukrs) as place
    from {{ source('sap', 't001') }}

)

select spras
from numbered
where place = 1
