with moves as (
    select * from {{ ref('base_odoo__moves') }}
),

chains as (
    select * from {{ source('odoo', 'stock_move_move_rel') }}
),

-- Between warehouses goods leave into transit and come out of it; or go in one movement.
sent as (
    select * from moves
    where
        state = 'done'
        and from_site_id is not null
        and (to_usage = 'transit' or (to_site_id is not null and to_site_id <> from_site_id))
),

arrivals as (
    select
        chains.move_orig_id as move_id,
        min(moves.to_site_id) as to_site_id,
        max(case when moves.state = 'done' then 0 else 1 end) as is_open,
        max(moves.moved_date) as moved_date,
        max(moves.promised_date) as promised_date
    from chains
    inner join moves on chains.move_dest_id = moves.move_id
    where moves.from_usage = 'transit' and moves.to_site_id is not null and moves.state <> 'cancel'
    group by chains.move_orig_id
)

select
    sent.document_line_id as transfer_order_id,
    sent.item_id,
    sent.from_site_id,
    coalesce(arrivals.to_site_id, sent.to_site_id) as to_site_id,
    sent.moved_date as shipped_date,
    coalesce(arrivals.promised_date, arrivals.moved_date, sent.promised_date, sent.moved_date) as due_date,
    case
        when sent.to_usage <> 'transit' then sent.moved_date
        when arrivals.is_open = 0 then arrivals.moved_date
    end as received_date,
    sent.moved_units as shipped_units,
    case when sent.to_usage <> 'transit' or arrivals.is_open = 0 then 'received' else 'in_transit' end as order_status,
    sent.source_file_sha256,
    sent.source_row_number
from sent
left join arrivals on sent.move_id = arrivals.move_id
