with stops as (

    select * from {{ source('erpnext', 'downtime_entry') }}

),

-- Working hours in ERPNext know nothing of stops: none is taken off the capacity already.
final as (

    select
        name as downtime_id,
        workstation as resource_id,
        from_time as start_date,
        to_time as end_date,
        {{ ratio('coalesce(downtime, 0)', '60', 'decimal(18,4)') }} as downtime_hours,
        case when lower(stop_reason) like 'planned%' then 'planned' else 'unplanned' end as downtime_type,
        false as is_in_capacity,
        stop_reason as reason,
        source_file_sha256,
        source_row_number
    from stops

)

select * from final
