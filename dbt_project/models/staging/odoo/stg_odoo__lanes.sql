with routes as (
    select * from {{ source('odoo', 'stock_route') }}
    where supplied_wh_id is not null and supplier_wh_id is not null and coalesce(active, true)
),

rules as (
    select
        route_id,
        sum(coalesce(delay, 0)) as delay
    from {{ source('odoo', 'stock_rule') }}
    where coalesce(active, true)
    group by route_id
),

warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_lanes') }}
),

lanes as (
    select
        suppliers.site_id || '-' || supplied.site_id as lane_id,
        suppliers.site_id as from_site_id,
        supplied.site_id as to_site_id,
        rules.delay as lead_time_days,
        routes.source_file_sha256,
        routes.source_row_number
    from routes
    inner join warehouses as suppliers on routes.supplier_wh_id = suppliers.warehouse_id
    inner join warehouses as supplied on routes.supplied_wh_id = supplied.warehouse_id
    left join rules on routes.id = rules.route_id
)

select
    lanes.lane_id,
    lanes.from_site_id,
    lanes.to_site_id,
    supplement.transport_mode,
    cast(lanes.lead_time_days as decimal(18, 6)) as lead_time_days,
    supplement.cost_per_unit,
    supplement.cost_per_kg,
    supplement.maximum_units_per_month,
    supplement.currency_code,
    lanes.source_file_sha256,
    lanes.source_row_number
from lanes
left join supplement on lanes.lane_id = supplement.lane_id
