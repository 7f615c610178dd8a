select
    document_id as shipment_id,
    line_id,
    order_id,
    order_line_id,
    item_id,
    site_id,
    customer_id,
    moved_date as shipped_date,
    units as shipped_units,
    is_return,
    source_file_sha256,
    source_row_number
from {{ ref('base_odoo__deliveries') }}
