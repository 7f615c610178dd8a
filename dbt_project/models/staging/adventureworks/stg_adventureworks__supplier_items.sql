with vendor_terms as (

    select * from {{ ref('base_adventureworks__vendor_terms') }}

),

vendors as (

    select * from {{ source('adventureworks', 'vendor') }}

),

products as (

    select product_id, item_id from {{ ref('base_adventureworks__products') }}

),

current_costs as (

    select * from {{ ref('base_adventureworks__current_costs') }}

),

company as (

    select site_id, currency_code from {{ ref('base_adventureworks__company') }}

),

final as (

    select
        coalesce(vendors.account_number, cast(vendor_terms.vendor_id as varchar)) as supplier_id,
        coalesce(products.item_id, cast(vendor_terms.product_id as varchar)) as item_id,
        company.site_id,
        cast(vendor_terms.average_lead_time_days as decimal(18, 6)) as lead_time_days,
        cast(case when vendor_terms.is_in_base_uom then vendor_terms.minimum_order_quantity end as decimal(18, 3))
            as minimum_order_units,
        -- A price per case, can or dozen is no price per piece: the product's current cost stands in.
        cast(
            case when vendor_terms.is_in_base_uom then vendor_terms.standard_price else current_costs.unit_cost end
            as decimal(18, 6)
        ) as unit_price,
        vendor_terms.is_in_base_uom,
        company.currency_code,
        cast(vendor_terms.priority as integer) as priority,
        coalesce(vendor_terms.is_active, false) as is_active,
        vendor_terms.source_file_sha256,
        vendor_terms.source_row_number
    from vendor_terms
    cross join company
    left join vendors on vendor_terms.vendor_id = vendors.vendor_id
    left join products on vendor_terms.product_id = products.product_id
    left join current_costs on vendor_terms.product_id = current_costs.product_id

)

select * from final
