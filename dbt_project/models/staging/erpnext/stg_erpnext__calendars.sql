with holidays as (

    select * from {{ source('erpnext', 'holiday') }}

),

-- A day may stand in a list twice, as a holiday and as a day of the weekend.
ranked as (

    select
        holidays.*,
        row_number() over (partition by parent, holiday_date order by case when weekly_off then 1 else 0 end, name) as place
    from holidays

),

final as (

    select
        parent as calendar_id,
        holiday_date as calendar_date,
        false as is_working_day,
        description as day_name,
        source_file_sha256,
        source_row_number
    from ranked
    where place = 1

)

select * from final
