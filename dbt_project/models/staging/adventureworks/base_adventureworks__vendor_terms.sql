with vendor_terms as (

    select * from {{ source('adventureworks', 'product_vendor') }}

),

vendors as (

    select * from {{ source('adventureworks', 'vendor') }}

),

products as (

    select product_id, base_uom_id from {{ ref('base_adventureworks__products') }}

),

final as (

    select
        vendor_terms.product_id,
        vendor_terms.vendor_id,
        vendor_terms.average_lead_time_days,
        vendor_terms.minimum_order_quantity,
        vendor_terms.standard_price,
        vendor_terms.unit_code,
        vendors.is_active,
        -- Not converted: the price of a chain "per DZ" over its standard cost is 1.668, as that of parts bought per EA,
        -- so the unit code cannot be trusted to say what the price is for.
        coalesce(vendor_terms.unit_code = products.base_uom_id, false) as is_in_base_uom,
        row_number() over (
            partition by vendor_terms.product_id
            order by
                case when vendors.is_active then 0 else 1 end,
                case when vendors.is_preferred then 0 else 1 end,
                vendor_terms.standard_price,
                vendor_terms.average_lead_time_days,
                vendor_terms.vendor_id
        ) as priority,
        vendor_terms.source_file_sha256,
        vendor_terms.source_row_number
    from vendor_terms
    left join vendors on vendor_terms.vendor_id = vendors.vendor_id
    left join products on vendor_terms.product_id = products.product_id

)

select * from final
