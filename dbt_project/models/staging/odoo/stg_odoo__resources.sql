with workcenters as (
    select * from {{ ref('base_odoo__workcenters') }}
),

-- A work centre belongs to a company; its plant is the one whose bills use it, where that is one.
used_in as (
    select
        workcenter_code,
        case when min(site_id) = max(site_id) then min(site_id) end as site_id
    from {{ ref('base_odoo__operations') }}
    group by workcenter_code
),

only_warehouses as (
    select company_id, site_id from {{ ref('base_odoo__warehouses') }}
    where warehouses_of_company = 1
),

supplement as (
    select * from {{ source('odoo', 'supplement_resources') }}
)

select
    workcenters.workcenter_code as resource_id,
    workcenters.name as resource_name,
    coalesce(supplement.site_id, used_in.site_id, only_warehouses.site_id) as site_id,
    coalesce(supplement.resource_type, 'machine') as resource_type,
    workcenters.costs_hour as cost_per_hour,
    workcenters.currency_code,
    workcenters.source_file_sha256,
    workcenters.source_row_number
from workcenters
left join used_in on workcenters.workcenter_code = used_in.workcenter_code
left join only_warehouses on workcenters.company_id = only_warehouses.company_id
left join supplement on workcenters.workcenter_code = supplement.resource_id
where coalesce(workcenters.active, true) or used_in.workcenter_code is not null
