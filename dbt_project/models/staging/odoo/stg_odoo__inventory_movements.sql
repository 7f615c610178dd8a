-- Every movement that changes the stock of a site, signed: what came is above 0, what went below.
with moves as (
    select * from {{ ref('base_odoo__moves') }}
    where
        state = 'done'
        and coalesce(from_site_id, '') <> coalesce(to_site_id, '')
        -- A count that found what was expected moves nothing.
        and coalesce(moved_units, 1) <> 0
),

kinds as (
    select
        *,
        case
            when from_usage = 'supplier' then 'receipt'
            when to_usage = 'supplier' then 'supplier_return'
            when to_usage = 'customer' then 'shipment'
            when from_usage = 'customer' then 'customer_return'
            when from_usage = 'production' then 'production'
            when to_usage = 'production' then 'consumption'
            when from_usage = 'inventory' or to_usage = 'inventory' then 'adjustment'
        end as kind
    from moves
)

select
    cast(move_id as varchar) as movement_id,
    'in' as line_id,
    moved_date as posted_date,
    coalesce(kind, 'transfer_in') as movement_type,
    item_id,
    to_site_id as site_id,
    moved_units,
    document_id,
    source_file_sha256,
    source_row_number
from kinds
where to_site_id is not null

union all

select
    cast(move_id as varchar) as movement_id,
    'out' as line_id,
    moved_date as posted_date,
    coalesce(kind, 'transfer_out') as movement_type,
    item_id,
    from_site_id as site_id,
    -moved_units as moved_units,
    document_id,
    source_file_sha256,
    source_row_number
from kinds
where from_site_id is not null
