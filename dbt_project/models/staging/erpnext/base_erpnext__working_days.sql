with days as (

    select * from {{ ref('base_erpnext__calendar_days') }}

),

final as (

    select
        holiday_list,
        period_start_date,
        sum(case when is_working_day then 1 else 0 end) as working_days
    from days
    group by holiday_list, period_start_date

)

select * from final
