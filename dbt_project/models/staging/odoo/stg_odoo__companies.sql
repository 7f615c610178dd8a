select
    company_code as company_id,
    company_name,
    country_code,
    currency_code,
    source_file_sha256,
    source_row_number
from {{ ref('base_odoo__companies') }}
