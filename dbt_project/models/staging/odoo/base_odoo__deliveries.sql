{{ config(materialized='table') }}

-- Goods that went to or came back from customers for an order line, in units of what the line names.
with moves as (
    select * from {{ ref('base_odoo__moves') }}
    where
        state = 'done'
        and sale_line_id is not null
        and (to_usage = 'customer' or from_usage = 'customer')
        and coalesce(to_usage, '') <> coalesce(from_usage, '')
),

order_lines as (
    select * from {{ ref('base_odoo__order_lines') }}
),

bills as (
    select * from {{ ref('base_odoo__bills') }}
    where bom_type = 'phantom'
),

kit_lines as (
    select * from {{ ref('base_odoo__bill_lines') }}
),

told as (
    select
        moves.*,
        order_lines.order_id as ordered_in_order_id,
        order_lines.line_id as ordered_in_line_id,
        order_lines.product_id as ordered_product_id,
        order_lines.item_id as ordered_item_id,
        order_lines.customer_id,
        order_lines.site_id as ordered_from_site_id,
        order_lines.unit_price,
        order_lines.currency_code,
        order_lines.channel_id,
        order_lines.is_return as is_return_order,
        moves.from_usage = 'customer' as is_return
    from moves
    left join order_lines on moves.sale_line_id = order_lines.sale_line_id
),

-- A kit has no movement of its own: as many left as the scarcest of its components allows.
of_kits as (
    select
        told.document_id,
        told.sale_line_id,
        told.is_return,
        told.bom_line_id,
        min(told.move_id) as move_id,
        cast(sum(told.moved_units) as double precision) / max(kit_lines.component_units) as kits
    from told
    inner join kit_lines
        on told.bom_line_id = kit_lines.bom_line_id
        and told.ordered_product_id = kit_lines.product_id
    inner join bills
        on kit_lines.bom_id = bills.bom_id
        and kit_lines.product_id = bills.product_id
        and kit_lines.site_id = bills.site_id
        and coalesce(told.from_site_id, told.to_site_id, told.ordered_from_site_id) = bills.site_id
    where told.product_id <> told.ordered_product_id and kit_lines.component_units > 0
    group by told.document_id, told.sale_line_id, told.is_return, told.bom_line_id
),

kits as (
    select
        document_id,
        sale_line_id,
        is_return,
        min(move_id) as move_id,
        {{ rounded('min(kits)', 'decimal(18,3)') }} as units
    from of_kits
    group by document_id, sale_line_id, is_return
)

select
    told.move_id,
    told.document_id,
    told.line_id,
    told.sale_line_id,
    -- What comes back on an ordinary line is a return of its own, named as its transfer.
    case when told.is_return and not coalesce(told.is_return_order, false) then told.document_id
        else told.ordered_in_order_id end as order_id,
    case when told.is_return and not coalesce(told.is_return_order, false) then told.line_id
        else told.ordered_in_line_id end as order_line_id,
    told.is_return and not coalesce(told.is_return_order, false) as is_return_without_order,
    coalesce(case when kits.move_id is not null then told.ordered_item_id end, told.item_id) as item_id,
    coalesce(case when told.is_return then told.to_site_id else told.from_site_id end, told.ordered_from_site_id) as site_id,
    told.customer_id,
    told.channel_id,
    told.moved_date,
    coalesce(kits.units, told.moved_units) as units,
    told.is_return,
    told.unit_price,
    told.currency_code,
    told.promised_date,
    told.source_file_sha256,
    told.source_row_number
from told
left join kits on told.move_id = kits.move_id
left join kit_lines
    on told.bom_line_id = kit_lines.bom_line_id
    and told.ordered_product_id = kit_lines.product_id
    and coalesce(told.from_site_id, told.to_site_id, told.ordered_from_site_id) = kit_lines.site_id
    and told.product_id <> told.ordered_product_id
-- The components of a kit are told once, by the first of its movements.
where kit_lines.bom_line_id is null or kits.move_id is not null
