select
    purchase_order_id,
    line_id,
    supplier_id,
    item_id,
    site_id,
    ordered_date,
    due_date,
    ordered_units,
    coalesce(received_units, 0) as received_units,
    unit_price,
    net_amount,
    currency_code,
    coalesce(is_closed, false) as is_closed,
    source_file_sha256,
    source_row_number
from {{ ref('base_odoo__purchase_lines') }}
