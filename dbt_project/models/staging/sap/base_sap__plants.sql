with plants as (

    select * from {{ source('sap', 't001w') }}

),

valuation_areas as (

    select * from {{ source('sap', 't001k') }}

),

companies as (

    select * from {{ source('sap', 't001') }}

)

select
    plants.werks,
    plants.name1,
    plants.bwkey,
    plants.land1,
    plants.bzirk,
    plants.fabkl,
    plants.vlfkz,
    valuation_areas.bukrs,
    companies.waers as currency_code,
    plants.source_file_sha256,
    plants.source_row_number
from plants
left join valuation_areas on plants.bwkey = valuation_areas.bwkey
left join companies on valuation_areas.bukrs = companies.bukrs
