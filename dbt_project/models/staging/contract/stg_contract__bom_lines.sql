with delivered as (
    select * from {{ source('contract', 'bom_lines') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.parent_item_id,
        delivered.site_id,
        delivered.bom_alternative_id,
        delivered.line_id,
        delivered.component_item_id,
        {{ to_base_units('delivered.component_quantity', 'uom_factors.numerator', 'uom_factors.denominator * coalesce(delivered.base_quantity, 1)', 'decimal(18,6)') }} as component_units,
        delivered.scrap_ratio,
        delivered.valid_from_date,
        delivered.valid_to_date,
        delivered.is_fixed_quantity,
        delivered.is_phantom,
        delivered.usage_ratio,
        delivered.alternative_group_id,
        delivered.lead_time_offset_days,
        delivered.operation_number,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', cycle_start(), item='component_item_id') }}
)

select
    parent_item_id,
    site_id,
    bom_alternative_id,
    line_id,
    component_item_id,
    component_units,
    scrap_ratio,
    valid_from_date,
    valid_to_date,
    is_fixed_quantity,
    is_phantom,
    usage_ratio,
    alternative_group_id,
    lead_time_offset_days,
    operation_number,
    source_file_sha256,
    source_row_number
from in_base_units
