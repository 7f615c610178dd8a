with products as (

    select * from {{ source('adventureworks', 'product') }}

),

bill as (

    select * from {{ source('adventureworks', 'bill_of_materials') }}

),

vendor_terms as (

    select * from {{ source('adventureworks', 'product_vendor') }}

),

company as (

    select * from {{ ref('base_adventureworks__company') }}

),

-- The ERP has no unit of measure on the product: a part is counted as its bill counts it.
bill_units as (

    select component_product_id as product_id, min(unit_code) as unit_code
    from bill
    where assembly_product_id is not null and end_date is null
    group by component_product_id

),

purchase_units as (

    select product_id, min(unit_code) as unit_code
    from vendor_terms
    group by product_id

),

components_of_current_assemblies as (

    select distinct bill.component_product_id as product_id
    from bill
    inner join products on bill.assembly_product_id = products.product_id
    where bill.end_date is null and products.sell_end_date is null

),

final as (

    select
        products.product_id,
        products.product_number as item_id,
        products.product_name,
        products.is_made,
        products.is_finished_good,
        products.safety_stock_units,
        products.standard_cost,
        products.weight,
        products.weight_unit_code,
        products.manufacture_days,
        products.product_subcategory_id,
        products.product_model_id,
        products.sell_start_date,
        products.sell_end_date,
        coalesce(products.sell_end_date <= company.last_closed_date, false) as is_sale_ended,
        components_of_current_assemblies.product_id is not null as is_component_of_current_assembly,
        coalesce(
            bill_units.unit_code,
            case when products.is_finished_good then 'EA' end,
            purchase_units.unit_code,
            'EA'
        ) as base_uom_id,
        -- What no bill uses and nobody sells is counted in the pack that it is bought in. Its stock is not: a thousand
        -- cartons of washers would be worth more than the bicycles.
        bill_units.unit_code is not null or products.is_finished_good or coalesce(purchase_units.unit_code, 'EA') = 'EA'
            as is_stock_in_base_uom,
        products.source_file_sha256,
        products.source_row_number
    from products
    cross join company
    left join bill_units on products.product_id = bill_units.product_id
    left join purchase_units on products.product_id = purchase_units.product_id
    left join components_of_current_assemblies
        on products.product_id = components_of_current_assemblies.product_id

)

select * from final
