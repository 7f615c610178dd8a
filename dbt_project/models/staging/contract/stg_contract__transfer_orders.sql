with delivered as (
    select * from {{ source('contract', 'transfer_orders') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.transfer_order_id,
        delivered.item_id,
        delivered.from_site_id,
        delivered.to_site_id,
        delivered.shipped_date,
        delivered.due_date,
        delivered.received_date,
        {{ to_base_units('delivered.shipped_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as shipped_units,
        delivered.order_status,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.shipped_date') }}
)

select
    transfer_order_id,
    item_id,
    from_site_id,
    to_site_id,
    shipped_date,
    due_date,
    received_date,
    shipped_units,
    order_status,
    source_file_sha256,
    source_row_number
from in_base_units
