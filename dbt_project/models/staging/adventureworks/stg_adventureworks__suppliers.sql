with vendors as (

    select * from {{ source('adventureworks', 'vendor') }}

),

company as (

    select currency_code from {{ ref('base_adventureworks__company') }}

),

final as (

    select
        vendors.account_number as supplier_id,
        vendors.vendor_name as supplier_name,
        cast(null as varchar) as country_code,
        company.currency_code,
        vendors.is_active,
        vendors.source_file_sha256,
        vendors.source_row_number
    from vendors
    cross join company

)

select * from final
