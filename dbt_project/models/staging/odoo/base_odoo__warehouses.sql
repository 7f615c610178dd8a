with warehouses as (
    select * from {{ source('odoo', 'stock_warehouse') }}
),

companies as (
    select * from {{ ref('base_odoo__companies') }}
),

partners as (
    select * from {{ source('odoo', 'res_partner') }}
),

countries as (
    select * from {{ source('odoo', 'res_country') }}
)

select
    warehouses.id as warehouse_id,
    trim(warehouses.code) as site_id,
    warehouses.name as site_name,
    warehouses.company_id,
    companies.company_code,
    companies.currency_code,
    companies.currency_id,
    companies.time_zone,
    coalesce(countries.code, companies.country_code) as country_code,
    warehouses.wh_qc_stock_loc_id,
    warehouses.pbm_loc_id,
    count(*) over (partition by warehouses.company_id) as warehouses_of_company,
    warehouses.source_file_sha256,
    warehouses.source_row_number
from warehouses
left join companies on warehouses.company_id = companies.company_id
left join partners on warehouses.partner_id = partners.id
left join countries on partners.country_id = countries.id
