with companies as (

    select * from {{ source('erpnext', 'company') }}

),

countries as (

    select * from {{ source('erpnext', 'country') }}

),

final as (

    select
        companies.name as company_id,
        companies.name as company_name,
        upper(countries.code) as country_code,
        companies.default_currency as currency_code,
        companies.source_file_sha256,
        companies.source_row_number
    from companies
    left join countries on companies.country = countries.name

)

select * from final
