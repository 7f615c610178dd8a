with moves as (
    select * from {{ ref('base_odoo__moves') }}
    where state = 'done' and purchase_line_id is not null
),

purchase_lines as (
    select * from {{ ref('base_odoo__purchase_lines') }}
),

sent_back as (
    select
        origin_returned_move_id,
        sum(moved_units) as units
    from moves
    where to_usage = 'supplier' and origin_returned_move_id is not null
    group by origin_returned_move_id
)

select
    moves.document_line_id as receipt_id,
    purchase_lines.purchase_order_id,
    purchase_lines.line_id,
    purchase_lines.supplier_id,
    moves.item_id,
    coalesce(moves.to_site_id, purchase_lines.site_id) as site_id,
    moves.moved_date as received_date,
    moves.moved_units as received_units,
    cast(coalesce(sent_back.units, 0) as decimal(18, 3)) as rejected_units,
    moves.source_file_sha256,
    moves.source_row_number
from moves
left join purchase_lines on moves.purchase_line_id = purchase_lines.purchase_line_id
left join sent_back on moves.move_id = sent_back.origin_returned_move_id
where moves.from_usage = 'supplier'
