with operations as (

    select * from {{ source('adventureworks', 'work_order_routing') }}

),

final as (

    select
        cast(work_order_id as varchar) as production_order_id,
        cast(operation_sequence as varchar) as operation_number,
        cast(location_id as varchar) as resource_id,
        actual_end_date as confirmed_date,
        cast(actual_resource_hours as decimal(18, 4)) as confirmed_hours,
        source_file_sha256,
        source_row_number
    from operations
    where actual_end_date is not null

)

select * from final
