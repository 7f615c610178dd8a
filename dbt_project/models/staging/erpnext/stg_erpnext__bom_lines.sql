with components as (

    select parent, idx, item_code, stock_uom, stock_qty, source_file_sha256, source_row_number
    from {{ source('erpnext', 'bom_item') }}
    where not coalesce(sourced_by_supplier, false)

    union all

    -- a bundle counts its items in their stock units
    select parent, idx, item_code, cast(null as varchar) as stock_uom, qty as stock_qty, source_file_sha256, source_row_number
    from {{ source('erpnext', 'product_bundle_item') }}

),

bills as (

    select * from {{ ref('base_erpnext__bills') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

supplement as (

    select * from {{ source('erpnext', 'supplement_bom_lines') }}

),

-- A component's quantity is for the bill's quantity, not for one unit.
per_unit as (

    select
        bills.item_id as parent_item_id,
        bills.site_id,
        bills.alternative_id as bom_alternative_id,
        cast(components.idx as varchar) as line_id,
        coalesce(item_codes.item_id, components.item_code) as component_item_id,
        {{ ratio(
            'case when coalesce(components.stock_uom, item_codes.stock_uom) = item_codes.stock_uom then components.stock_qty end',
            'bills.quantity',
        ) }} as component_units,
        components.source_file_sha256,
        components.source_row_number
    from components
    inner join bills on components.parent = bills.bom
    left join item_codes on components.item_code = item_codes.item_code
    where {{ is_of_goods('item_codes') }}

),

final as (

    select
        per_unit.parent_item_id,
        per_unit.site_id,
        per_unit.bom_alternative_id,
        per_unit.line_id,
        per_unit.component_item_id,
        per_unit.component_units,
        cast(coalesce(supplement.scrap_ratio, 0) as decimal(18, 6)) as scrap_ratio,
        supplement.valid_from_date,
        supplement.valid_to_date,
        per_unit.source_file_sha256,
        per_unit.source_row_number
    from per_unit
    left join supplement
        on per_unit.parent_item_id = supplement.parent_item_id
        and per_unit.site_id = supplement.site_id
        and per_unit.bom_alternative_id = supplement.bom_alternative_id
        and per_unit.line_id = supplement.line_id

)

select * from final
