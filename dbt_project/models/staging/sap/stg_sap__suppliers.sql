with vendors as (

    select * from {{ ref('base_sap__vendors') }}

)

select
    supplier_id,
    name1 as supplier_name,
    land1 as country_code,
    currency_code,
    is_active,
    payment_term_id,
    source_file_sha256,
    source_row_number
from vendors
