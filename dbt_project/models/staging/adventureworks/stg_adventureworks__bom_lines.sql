with bill as (

    select * from {{ source('adventureworks', 'bill_of_materials') }}

),

products as (

    select product_id, item_id from {{ ref('base_adventureworks__products') }}

),

company as (

    select site_id from {{ ref('base_adventureworks__company') }}

),

final as (

    select
        coalesce(assemblies.item_id, cast(bill.assembly_product_id as varchar)) as parent_item_id,
        company.site_id,
        '1' as bom_alternative_id,
        cast(bill.bill_of_materials_id as varchar) as line_id,
        coalesce(components.item_id, cast(bill.component_product_id as varchar)) as component_item_id,
        cast(bill.component_quantity as decimal(18, 6)) as component_units,
        cast(0 as decimal(18, 6)) as scrap_ratio,
        bill.start_date as valid_from_date,
        bill.end_date as valid_to_date,
        bill.source_file_sha256,
        bill.source_row_number
    from bill
    cross join company
    left join products as assemblies on bill.assembly_product_id = assemblies.product_id
    left join products as components on bill.component_product_id = components.product_id
    where bill.assembly_product_id is not null

)

select * from final
