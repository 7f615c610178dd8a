with delivered as (
    select * from {{ source('contract', 'shipment_lines') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.shipment_id,
        delivered.line_id,
        delivered.order_id,
        delivered.order_line_id,
        delivered.item_id,
        delivered.site_id,
        delivered.customer_id,
        delivered.shipped_date,
        {{ to_base_units('delivered.shipped_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as shipped_units,
        delivered.is_return,
        delivered.planned_date,
        delivered.batch_id,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.shipped_date') }}
)

select
    shipment_id,
    line_id,
    order_id,
    order_line_id,
    item_id,
    site_id,
    customer_id,
    shipped_date,
    shipped_units,
    is_return,
    planned_date,
    batch_id,
    source_file_sha256,
    source_row_number
from in_base_units
