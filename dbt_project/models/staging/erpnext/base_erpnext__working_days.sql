{{ config(materialized='table') }}

with holiday_lists as (

    select * from {{ source('erpnext', 'holiday_list') }}

),

holidays as (

    select distinct
        parent,
        holiday_date,
        weekly_off
    from {{ source('erpnext', 'holiday') }}

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
        sum(
            case
                when holidays.holiday_date is not null then 0
                when days.day between holiday_lists.from_date and holiday_lists.to_date then 1
                when free_weekdays.weekday is not null then 0
                else 1
            end
        ) as working_days
    from holiday_lists
    cross join days
    left join (select distinct parent, holiday_date from holidays) as holidays
        on holiday_lists.name = holidays.parent
        and days.day = holidays.holiday_date
    left join free_weekdays
        on holiday_lists.name = free_weekdays.parent
        and extract(dow from days.day) = free_weekdays.weekday
    group by holiday_lists.name, days.period_start_date

)

select * from final
