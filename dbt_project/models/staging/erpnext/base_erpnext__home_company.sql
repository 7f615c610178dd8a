with companies as (

    select * from {{ source('erpnext', 'company') }}

),

warehouses as (

    select * from {{ source('erpnext', 'warehouse') }}

),

-- Most warehouses are those of the company that the others of the group deliver for.
sizes as (

    select
        companies.name as company,
        companies.default_currency as currency_code,
        companies.default_holiday_list,
        row_number() over (order by count(warehouses.name) desc, companies.name) as place
    from companies
    left join warehouses on companies.name = warehouses.company
    group by companies.name, companies.default_currency, companies.default_holiday_list

),

final as (

    select
        company,
        currency_code,
        default_holiday_list
    from sizes
    where place = 1

)

select * from final
