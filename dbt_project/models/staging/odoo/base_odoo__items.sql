{{ config(materialized='table') }}

with variants as (
    select * from {{ source('odoo', 'product_product') }}
),

templates as (
    select * from {{ source('odoo', 'product_template') }}
),

units as (
    select * from {{ ref('base_odoo__uoms') }}
),

combinations as (
    select * from {{ source('odoo', 'product_variant_combination') }}
),

template_values as (
    select * from {{ source('odoo', 'product_template_attribute_value') }}
),

attribute_values as (
    select * from {{ source('odoo', 'product_attribute_value') }}
),

value_names as (
    select
        combinations.product_product_id,
        template_values.attribute_id,
        {{ odoo_name('attribute_values.name') }} as value_name
    from combinations
    inner join template_values
        on combinations.product_template_attribute_value_id = template_values.id
    inner join attribute_values on template_values.product_attribute_value_id = attribute_values.id
),

variant_names as (
    select
        product_product_id,
        {{ odoo_words('value_name', 'attribute_id, value_name') }} as value_names
    from value_names
    group by product_product_id
),

numbered as (
    select
        variants.*,
        count(*) over (partition by nullif(trim(default_code), '')) as namesakes
    from variants
)

select
    numbered.id as product_id,
    numbered.product_tmpl_id,
    -- The internal reference is what people use. Odoo lets it be empty, and lets two variants have the same.
    case
        when nullif(trim(numbered.default_code), '') is null then cast(numbered.id as varchar)
        when numbered.namesakes > 1 then trim(numbered.default_code) || ' #' || cast(numbered.id as varchar)
        else trim(numbered.default_code)
    end as item_id,
    {{ odoo_name('templates.name') }}
        || case when variant_names.value_names is null then '' else ' (' || variant_names.value_names || ')' end as item_name,
    templates.type in ('service', 'combo') as is_service,
    coalesce(templates.sale_ok, false) as can_be_sold,
    coalesce(numbered.active, true) and coalesce(templates.active, true) as is_active,
    templates.categ_id,
    templates.uom_id,
    coalesce(templates.uom_po_id, templates.uom_id) as purchase_uom_id,
    units.uom_code as base_uom_id,
    templates.produce_delay,
    numbered.weight,
    numbered.standard_price,
    numbered.create_date,
    numbered.source_file_sha256,
    numbered.source_row_number
from numbered
left join templates on numbered.product_tmpl_id = templates.id
left join units on templates.uom_id = units.uom_id
left join variant_names on numbered.id = variant_names.product_product_id
