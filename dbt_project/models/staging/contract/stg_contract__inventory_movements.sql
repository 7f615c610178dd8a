with delivered as (
    select * from {{ source('contract', 'inventory_movements') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.movement_id,
        delivered.line_id,
        delivered.posted_date,
        delivered.movement_type,
        delivered.item_id,
        delivered.site_id,
        {{ to_base_units('delivered.moved_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as moved_units,
        delivered.movement_amount,
        delivered.currency_code,
        delivered.document_id,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.posted_date') }}
)

select
    movement_id,
    line_id,
    posted_date,
    movement_type,
    item_id,
    site_id,
    moved_units,
    movement_amount,
    currency_code,
    document_id,
    source_file_sha256,
    source_row_number
from in_base_units
