with companies as (
    select * from {{ source('odoo', 'res_company') }}
),

partners as (
    select * from {{ source('odoo', 'res_partner') }}
),

countries as (
    select * from {{ source('odoo', 'res_country') }}
),

currencies as (
    select * from {{ source('odoo', 'res_currency') }}
),

calendars as (
    select * from {{ source('odoo', 'resource_calendar') }}
)

select
    companies.id as company_id,
    coalesce(nullif(trim(partners.ref), ''), cast(companies.id as varchar)) as company_code,
    companies.name as company_name,
    companies.resource_calendar_id,
    currencies.name as currency_code,
    companies.currency_id,
    countries.code as country_code,
    coalesce(partners.tz, calendars.tz, 'UTC') as time_zone,
    companies.source_file_sha256,
    companies.source_row_number
from companies
left join partners on companies.partner_id = partners.id
left join countries on partners.country_id = countries.id
left join currencies on companies.currency_id = currencies.id
left join calendars on companies.resource_calendar_id = calendars.id
