{{ config(materialized='table') }}

-- How an item reaches a warehouse by the routes of its replenishment rule, its template or its category: one row per way.
with items as (
    select * from {{ ref('base_odoo__items') }}
    where not is_service
),

orderpoints as (
    select * from {{ source('odoo', 'stock_warehouse_orderpoint') }}
    where coalesce(active, true)
),

warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
),

routes as (
    select * from {{ source('odoo', 'stock_route') }}
    where coalesce(active, true)
),

rules as (
    select * from {{ source('odoo', 'stock_rule') }}
    where coalesce(active, true)
),

bills as (
    select distinct product_id, warehouse_id from {{ ref('base_odoo__bills') }}
    where bom_type = 'normal'
),

kits as (
    select distinct product_id, warehouse_id from {{ ref('base_odoo__bills') }}
    where bom_type = 'phantom'
),

item_routes as (
    select
        items.product_id,
        of_templates.route_id
    from items
    inner join {{ source('odoo', 'stock_route_product') }} as of_templates on items.product_tmpl_id = of_templates.product_id

    union

    select
        items.product_id,
        of_categories.route_id
    from items
    inner join {{ source('odoo', 'stock_route_categ') }} as of_categories on items.categ_id = of_categories.categ_id
),

-- A route of a product would hold in every warehouse: it counts where the item has ever moved.
moved as (
    select distinct moves.product_id, warehouses.warehouse_id
    from {{ ref('base_odoo__moves') }} as moves
    inner join warehouses on moves.from_site_id = warehouses.site_id or moves.to_site_id = warehouses.site_id
),

wanted as (
    select distinct product_id, warehouse_id, route_id from orderpoints
    where route_id is not null

    union

    select
        item_routes.product_id,
        moved.warehouse_id,
        item_routes.route_id
    from item_routes
    inner join moved on item_routes.product_id = moved.product_id
    left join orderpoints
        on moved.product_id = orderpoints.product_id
        and moved.warehouse_id = orderpoints.warehouse_id
        and orderpoints.route_id is not null
    where orderpoints.id is null
),

ways as (
    select
        wanted.product_id,
        wanted.warehouse_id,
        case
            when routes.supplied_wh_id = wanted.warehouse_id then 'move'
            when rules.action = 'manufacture' then 'make'
            when rules.action = 'buy' then 'buy'
        end as way
    from wanted
    inner join routes on wanted.route_id = routes.id
    left join rules
        on routes.id = rules.route_id
        and (rules.warehouse_id = wanted.warehouse_id or rules.warehouse_id is null)
    where routes.supplied_wh_id is null or routes.supplied_wh_id = wanted.warehouse_id

    union

    -- A bill of its own in a warehouse says that it is made there, whatever route it has or has not.
    select
        bills.product_id,
        bills.warehouse_id,
        'make' as way
    from bills
    inner join moved on bills.product_id = moved.product_id and bills.warehouse_id = moved.warehouse_id
    left join wanted on bills.product_id = wanted.product_id and bills.warehouse_id = wanted.warehouse_id
    where wanted.product_id is null

    union

    -- A kit never moves itself: it is put together in every warehouse that has sold it.
    select
        kits.product_id,
        kits.warehouse_id,
        'make' as way
    from kits
    inner join {{ ref('base_odoo__order_lines') }} as sold
        on kits.product_id = sold.product_id
        and kits.warehouse_id = sold.warehouse_id
)

select distinct
    product_id,
    warehouse_id,
    way
from ways
where way is not null
