with customers as (

    select * from {{ source('erpnext', 'customer') }}

),

channels as (

    select * from {{ ref('base_erpnext__channels') }}

),

addresses as (

    select * from {{ ref('base_erpnext__countries') }}

),

final as (

    select
        customers.name as customer_id,
        customers.customer_name,
        customers.customer_group,
        channels.channel_id,
        customers.territory as region_id,
        addresses.country_code,
        customers.payment_terms as payment_term_id,
        customers.source_file_sha256,
        customers.source_row_number
    from customers
    left join channels on customers.customer_group = channels.customer_group
    left join addresses on customers.customer_primary_address = addresses.address

)

select * from final
