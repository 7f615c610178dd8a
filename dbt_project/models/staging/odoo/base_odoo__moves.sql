{{ config(materialized='table') }}

with moves as (
    select * from {{ source('odoo', 'stock_move') }}
),

pickings as (
    select * from {{ source('odoo', 'stock_picking') }}
),

items as (
    select product_id, item_id, is_service from {{ ref('base_odoo__items') }}
),

factors as (
    select * from {{ ref('base_odoo__uom_factors') }}
),

locations as (
    select * from {{ ref('base_odoo__locations') }}
),

companies as (
    select company_id, time_zone from {{ ref('base_odoo__companies') }}
),

told as (
    select
        moves.*,
        case
            when moves.state = 'done' then coalesce(moves.quantity, moves.quantity_done, moves.product_uom_qty)
            else moves.product_uom_qty
        end as moved_quantity,
        count(*) over (partition by moves.picking_id) as moves_of_picking,
        {{ odoo_place('moves.picking_id', 'moves.id') }} as place
    from moves
    where moves.state <> 'draft'
)

select
    told.id as move_id,
    coalesce(pickings.name, 'MOVE/' || cast(told.id as varchar)) as document_id,
    case when told.picking_id is null then '10' else cast(told.place as varchar) end as line_id,
    case
        when told.picking_id is null then 'MOVE/' || cast(told.id as varchar)
        when told.moves_of_picking = 1 then pickings.name
        else pickings.name || '/' || cast(told.place as varchar)
    end as document_line_id,
    told.state,
    told.product_id,
    items.item_id,
    {{ to_base_units('told.moved_quantity', 'factors.numerator', 'factors.denominator') }} as moved_units,
    sources.usage as from_usage,
    destinations.usage as to_usage,
    sources.stock_site_id as from_site_id,
    destinations.stock_site_id as to_site_id,
    sources.stock_status as from_status,
    destinations.stock_status as to_status,
    {{ odoo_day('told.date', 'companies.time_zone') }} as moved_date,
    {{ odoo_day('told.date_deadline', 'companies.time_zone') }} as promised_date,
    told.sale_line_id,
    told.purchase_line_id,
    told.production_id,
    told.origin_returned_move_id,
    told.bom_line_id,
    told.source_file_sha256,
    told.source_row_number
from told
left join pickings on told.picking_id = pickings.id
left join items on told.product_id = items.product_id
left join factors on told.product_id = factors.product_id and told.product_uom = factors.uom_id
left join locations as sources on told.location_id = sources.location_id
left join locations as destinations on told.location_dest_id = destinations.location_id
left join companies on told.company_id = companies.company_id
where not coalesce(items.is_service, false)
