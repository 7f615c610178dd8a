with operations as (
    select * from {{ ref('base_odoo__operations') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_routing_operations') }}
)

select
    operations.item_id,
    operations.site_id,
    operations.bom_alternative_id as routing_alternative_id,
    operations.operation_number,
    operations.workcenter_code as resource_id,
    {{ rounded('operations.run_hours_per_unit', 'decimal(18,6)') }} as run_hours_per_unit,
    {{ rounded('operations.setup_hours_per_lot', 'decimal(18,6)') }} as setup_hours_per_lot,
    coalesce(supplement.yield_ratio, cast(1 as decimal(18, 6))) as yield_ratio,
    cast(null as date) as valid_from_date,
    cast(null as date) as valid_to_date,
    operations.source_file_sha256,
    operations.source_row_number
from operations
left join supplement
    on operations.item_id = supplement.item_id
    and operations.site_id = supplement.site_id
    and operations.bom_alternative_id = supplement.routing_alternative_id
    and operations.operation_number = supplement.operation_number
