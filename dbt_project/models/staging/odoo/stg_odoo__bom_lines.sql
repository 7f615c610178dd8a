with lines as (
    select * from {{ ref('base_odoo__bill_lines') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_bom_lines') }}
)

select
    lines.item_id as parent_item_id,
    lines.site_id,
    lines.bom_alternative_id,
    lines.line_id,
    lines.component_item_id,
    {{ rounded('lines.component_units', 'decimal(18,6)') }} as component_units,
    coalesce(supplement.scrap_ratio, cast(0 as decimal(18, 6))) as scrap_ratio,
    cast(null as date) as valid_from_date,
    cast(null as date) as valid_to_date,
    lines.source_file_sha256,
    lines.source_row_number
from lines
left join supplement
    on lines.item_id = supplement.parent_item_id
    and lines.site_id = supplement.site_id
    and lines.bom_alternative_id = supplement.bom_alternative_id
    and lines.line_id = supplement.line_id
