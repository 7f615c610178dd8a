with products as (

    select * from {{ ref('base_adventureworks__products') }}

),

company as (

    select site_id from {{ ref('base_adventureworks__company') }}

),

final as (

    select
        products.item_id,
        company.site_id,
        case when products.is_made then 'make' else 'buy' end as procurement_type,
        cast(products.safety_stock_units as decimal(18, 3)) as safety_stock_units,
        cast(null as decimal(18, 3)) as maximum_stock_units,
        cast(case when products.is_made then products.manufacture_days end as decimal(18, 6)) as make_lead_time_days,
        cast(null as decimal(18, 3)) as lot_minimum_units,
        cast(null as decimal(18, 3)) as lot_multiple_units,
        products.source_file_sha256,
        products.source_row_number
    from products
    cross join company

)

select * from final
