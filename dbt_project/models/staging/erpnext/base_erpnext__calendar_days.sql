{{ config(materialized='table') }}

with holiday_lists as (

    select * from {{ source('erpnext', 'holiday_list') }}

),

holidays as (

    select * from {{ source('erpnext', 'holiday') }}

),

-- A day may stand in a list twice, as a holiday and as a day of the weekend.
ranked as (

    select
        holidays.*,
        row_number() over (partition by parent, holiday_date order by case when weekly_off then 1 else 0 end, name) as place
    from holidays

),

listed as (

    select * from ranked
    where place = 1

),

months as (

    select
        {{ months_after(cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'"), 'generated_number - 61') }} as period_start_date
    from ({{ dbt.generate_series(97) }}) as numbers

),

days_of_month as (

    {{ dbt.generate_series(31) }}

),

days as (

    select
        months.period_start_date,
        cast({{ dbt.dateadd('day', 'days_of_month.generated_number - 1', 'months.period_start_date') }} as date) as day
    from months
    cross join days_of_month
    where {{ dbt.dateadd('day', 'days_of_month.generated_number - 1', 'months.period_start_date') }}
        < {{ months_after('months.period_start_date', 1) }}

),

-- Days of the week that a list keeps free; beyond its last day, and before its first, they are what is known of a calendar.
free_weekdays as (

    select distinct
        parent,
        extract(dow from holiday_date) as weekday
    from holidays
    where weekly_off

),

final as (

    select
        holiday_lists.name as holiday_list,
        days.period_start_date,
        days.day,
        extract(isodow from days.day) <= 5 as is_weekday,
        case
            when listed.holiday_date is not null then false
            when days.day between holiday_lists.from_date and holiday_lists.to_date then true
            else free_weekdays.weekday is null
        end as is_working_day,
        listed.holiday_date is not null as is_listed,
        listed.description as day_name,
        coalesce(listed.source_file_sha256, holiday_lists.source_file_sha256) as source_file_sha256,
        coalesce(listed.source_row_number, holiday_lists.source_row_number) as source_row_number
    from holiday_lists
    cross join days
    left join listed
        on holiday_lists.name = listed.parent
        and days.day = listed.holiday_date
    left join free_weekdays
        on holiday_lists.name = free_weekdays.parent
        and extract(dow from days.day) = free_weekdays.weekday

)

select * from final
