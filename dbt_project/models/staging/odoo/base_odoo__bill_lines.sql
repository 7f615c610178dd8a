{{ config(materialized='table') }}

with lines as (
    select
        *,
        {{ odoo_place('bom_id', 'sequence, id') }} as place
    from {{ source('odoo', 'mrp_bom_line') }}
),

bills as (
    select * from {{ ref('base_odoo__bills') }}
),

factors as (
    select * from {{ ref('base_odoo__uom_factors') }}
),

items as (
    select product_id, item_id from {{ ref('base_odoo__items') }}
),

template_values as (
    select * from {{ source('odoo', 'product_template_attribute_value') }}
),

wanted_values as (
    select
        of_lines.mrp_bom_line_id as bom_line_id,
        of_lines.product_template_attribute_value_id,
        template_values.attribute_id
    from {{ source('odoo', 'mrp_bom_line_product_template_attribute_value_rel') }} as of_lines
    inner join template_values on of_lines.product_template_attribute_value_id = template_values.id
),

wanted_attributes as (
    select
        bom_line_id,
        count(distinct attribute_id) as attributes
    from wanted_values
    group by bom_line_id
),

-- A line with values is for the variants that have, of every attribute named, one of the values named.
met as (
    select
        wanted_values.bom_line_id,
        combinations.product_product_id as product_id,
        count(distinct wanted_values.attribute_id) as attributes
    from wanted_values
    inner join {{ source('odoo', 'product_variant_combination') }} as combinations
        on wanted_values.product_template_attribute_value_id = combinations.product_template_attribute_value_id
    group by wanted_values.bom_line_id, combinations.product_product_id
)

select
    lines.id as bom_line_id,
    bills.bom_id,
    bills.product_id,
    bills.item_id,
    bills.site_id,
    bills.bom_type,
    bills.bom_alternative_id,
    cast(lines.place as varchar) as line_id,
    lines.product_id as component_product_id,
    coalesce(items.item_id, cast(lines.product_id as varchar)) as component_item_id,
    cast(lines.product_qty * factors.numerator as double precision)
        / (cast(factors.denominator as double precision) * nullif(bills.output_units, 0)) as component_units,
    lines.source_file_sha256,
    lines.source_row_number
from lines
inner join bills on lines.bom_id = bills.bom_id
left join items on lines.product_id = items.product_id
left join factors on lines.product_id = factors.product_id and lines.product_uom_id = factors.uom_id
left join wanted_attributes on lines.id = wanted_attributes.bom_line_id
left join met on lines.id = met.bom_line_id and bills.product_id = met.product_id
where
    -- 0 is an optional line.
    lines.product_qty <> 0
    and coalesce(wanted_attributes.attributes, 0) = coalesce(met.attributes, 0)
