with customers as (

    select * from {{ source('adventureworks', 'customer') }}

),

stores as (

    select * from {{ source('adventureworks', 'store') }}

),

territories as (

    select * from {{ source('adventureworks', 'sales_territory') }}

),

final as (

    select
        customers.account_number as customer_id,
        -- Persons' names are not in the extract.
        coalesce(stores.store_name, customers.account_number) as customer_name,
        case when customers.store_id is null then 'Persons' else 'Stores' end
            || ' ' || territories.territory_group as customer_group,
        case when customers.store_id is null then 'INTERNET' else 'RESELLER' end as channel_id,
        territories.territory_name as region_id,
        territories.country_code,
        customers.source_file_sha256,
        customers.source_row_number
    from customers
    left join stores on customers.store_id = stores.store_id
    left join territories on customers.territory_id = territories.territory_id

)

select * from final
