with addresses as (

    select * from {{ source('erpnext', 'address') }}

),

countries as (

    select * from {{ source('erpnext', 'country') }}

),

final as (

    select
        addresses.name as address,
        upper(countries.code) as country_code
    from addresses
    inner join countries on addresses.country = countries.name

)

select * from final
