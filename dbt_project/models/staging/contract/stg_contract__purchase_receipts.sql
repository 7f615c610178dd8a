with delivered as (
    select * from {{ source('contract', 'purchase_receipts') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.receipt_id,
        delivered.purchase_order_id,
        delivered.line_id,
        delivered.supplier_id,
        delivered.item_id,
        delivered.site_id,
        delivered.received_date,
        {{ to_base_units('delivered.received_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as received_units,
        {{ to_base_units('delivered.rejected_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as rejected_units,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.received_date') }}
)

select
    receipt_id,
    purchase_order_id,
    line_id,
    supplier_id,
    item_id,
    site_id,
    received_date,
    received_units,
    rejected_units,
    source_file_sha256,
    source_row_number
from in_base_units
