with delivered as (
    select * from {{ source('contract', 'production_orders') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.production_order_id,
        delivered.item_id,
        delivered.site_id,
        {{ to_base_units('delivered.ordered_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as ordered_units,
        {{ to_base_units('delivered.completed_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as completed_units,
        {{ to_base_units('delivered.scrapped_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as scrapped_units,
        delivered.start_date,
        delivered.due_date,
        delivered.completed_date,
        delivered.order_status,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.start_date') }}
)

select
    production_order_id,
    item_id,
    site_id,
    ordered_units,
    completed_units,
    scrapped_units,
    start_date,
    due_date,
    completed_date,
    order_status,
    source_file_sha256,
    source_row_number
from in_base_units
