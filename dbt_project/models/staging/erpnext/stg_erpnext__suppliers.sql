with suppliers as (

    select * from {{ source('erpnext', 'supplier') }}

),

countries as (

    select * from {{ source('erpnext', 'country') }}

),

home_company as (

    select * from {{ ref('base_erpnext__home_company') }}

),

final as (

    select
        suppliers.name as supplier_id,
        suppliers.supplier_name,
        upper(countries.code) as country_code,
        coalesce(suppliers.default_currency, home_company.currency_code) as currency_code,
        -- On hold for invoices or payments alone still delivers.
        not suppliers.disabled and not (suppliers.on_hold and coalesce(suppliers.hold_type, 'All') = 'All') as is_active,
        suppliers.payment_terms as payment_term_id,
        suppliers.source_file_sha256,
        suppliers.source_row_number
    from suppliers
    cross join home_company
    left join countries on suppliers.country = countries.name

)

select * from final
