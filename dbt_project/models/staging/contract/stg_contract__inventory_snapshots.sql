with delivered as (
    select * from {{ source('contract', 'inventory_snapshots') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.snapshot_date,
        delivered.item_id,
        delivered.site_id,
        delivered.stock_status,
        {{ to_base_units('delivered.on_hand_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as on_hand_units,
        true as is_dated,
        delivered.inventory_value,
        delivered.currency_code,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.snapshot_date') }}
)

select
    snapshot_date,
    item_id,
    site_id,
    stock_status,
    on_hand_units,
    is_dated,
    inventory_value,
    currency_code,
    source_file_sha256,
    source_row_number
from in_base_units
