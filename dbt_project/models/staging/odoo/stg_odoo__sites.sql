with warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
),

plants as (
    select distinct operation_types.warehouse_id
    from {{ source('odoo', 'mrp_bom') }} as bills
    inner join {{ source('odoo', 'stock_picking_type') }} as operation_types on bills.picking_type_id = operation_types.id
    where bills.type = 'normal'

    union

    select operation_types.warehouse_id
    from {{ source('odoo', 'mrp_production') }} as orders
    inner join {{ source('odoo', 'stock_picking_type') }} as operation_types on orders.picking_type_id = operation_types.id
),

resupplied as (
    select distinct supplied_wh_id as warehouse_id
    from {{ source('odoo', 'stock_route') }}
    where supplied_wh_id is not null and coalesce(active, true)
),

companies as (
    select * from {{ ref('base_odoo__companies') }}
),

calendars as (
    select * from {{ ref('base_odoo__calendars') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_sites') }}
)

select
    warehouses.site_id,
    warehouses.site_name,
    case
        when plants.warehouse_id is not null then 'plant'
        when resupplied.warehouse_id is not null then 'distribution_centre'
        else 'warehouse'
    end as site_type,
    warehouses.country_code,
    supplement.region_id,
    warehouses.currency_code,
    warehouses.company_code as company_id,
    coalesce(supplement.calendar_id, calendars.calendar_id) as calendar_id,
    warehouses.source_file_sha256,
    warehouses.source_row_number
from warehouses
left join plants on warehouses.warehouse_id = plants.warehouse_id
left join resupplied on warehouses.warehouse_id = resupplied.warehouse_id
left join companies on warehouses.company_id = companies.company_id
left join calendars on companies.resource_calendar_id = calendars.calendar_number
left join supplement on warehouses.site_id = supplement.site_id
