with companies as (

    select * from {{ source('sap', 't001') }}

)

select
    bukrs as company_id,
    butxt as company_name,
    land1 as country_code,
    waers as currency_code,
    source_file_sha256,
    source_row_number
from companies
