with delivered as (
    select * from {{ source('contract', 'purchase_order_lines') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.purchase_order_id,
        delivered.line_id,
        delivered.supplier_id,
        delivered.item_id,
        delivered.site_id,
        delivered.ordered_date,
        delivered.due_date,
        {{ to_base_units('delivered.ordered_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as ordered_units,
        {{ to_base_units('delivered.received_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as received_units,
        {{ to_base_price('delivered.unit_price', 'uom_factors.numerator', 'uom_factors.denominator') }} as unit_price,
        {{ product('delivered.ordered_quantity', 'delivered.unit_price') }} as net_amount,
        delivered.currency_code,
        delivered.is_closed,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.ordered_date') }}
)

select
    purchase_order_id,
    line_id,
    supplier_id,
    item_id,
    site_id,
    ordered_date,
    due_date,
    ordered_units,
    received_units,
    unit_price,
    net_amount,
    currency_code,
    is_closed,
    source_file_sha256,
    source_row_number
from in_base_units
