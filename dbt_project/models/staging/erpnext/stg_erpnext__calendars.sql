with days as (

    select * from {{ ref('base_erpnext__calendar_days') }}

),

-- Days that stand in a list, and others that are no Monday-to-Friday days: the Saturdays of a six-day week are worked.
final as (

    select
        holiday_list as calendar_id,
        day as calendar_date,
        is_working_day,
        day_name,
        source_file_sha256,
        source_row_number
    from days
    where is_listed or is_working_day <> is_weekday

)

select * from final
