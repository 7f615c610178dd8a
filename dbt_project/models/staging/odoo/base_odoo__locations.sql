{{ config(materialized='table') }}

with locations as (
    select * from {{ source('odoo', 'stock_location') }}
),

warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
)

select
    locations.id as location_id,
    locations.usage,
    locations.warehouse_id,
    -- Stock counts where it lies on our shelves; what is on its way between warehouses is nobody's.
    case when locations.usage = 'internal' then warehouses.site_id end as stock_site_id,
    case
        when '/' || locations.parent_path like '%/' || cast(warehouses.wh_qc_stock_loc_id as varchar) || '/%' then 'quality'
        when '/' || locations.parent_path like '%/' || cast(warehouses.pbm_loc_id as varchar) || '/%' then 'in_process'
        else 'unrestricted'
    end as stock_status
from locations
left join warehouses on locations.warehouse_id = warehouses.warehouse_id
