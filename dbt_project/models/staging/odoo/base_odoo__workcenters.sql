with workcenters as (
    select * from {{ source('odoo', 'mrp_workcenter') }}
),

companies as (
    select * from {{ ref('base_odoo__companies') }}
),

numbered as (
    select
        *,
        count(*) over (partition by nullif(trim(code), '')) as namesakes
    from workcenters
)

select
    numbered.*,
    case
        when nullif(trim(numbered.code), '') is null then cast(numbered.id as varchar)
        when numbered.namesakes > 1 then trim(numbered.code) || ' #' || cast(numbered.id as varchar)
        else trim(numbered.code)
    end as workcenter_code,
    companies.currency_code,
    companies.time_zone,
    coalesce(numbered.resource_calendar_id, companies.resource_calendar_id) as calendar_id
from numbered
left join companies
    on coalesce(numbered.company_id, (select min(company_id) from companies)) = companies.company_id
