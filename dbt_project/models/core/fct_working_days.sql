with site_days as (
    select * from {{ ref('dim_site_days') }}
),

by_site as (
    select
        site_id,
        period_start_date,
        sum(case when is_working_day then 1 else 0 end) as working_days,
        count(*) as calendar_days
    from site_days
    group by site_id, period_start_date
),

worked as (
    select
        calendar_date,
        period_start_date,
        sum(case when is_working_day then 1 else 0 end) as working_sites,
        count(*) as sites
    from site_days
    group by calendar_date, period_start_date
),

-- The company works on a day on which half of its sites do.
of_company as (
    select
        'all' as site_id,
        period_start_date,
        sum(case when working_sites * 2 >= sites then 1 else 0 end) as working_days,
        count(*) as calendar_days
    from worked
    group by period_start_date
),

working_days as (
    select site_id, period_start_date, working_days, calendar_days from by_site
    union all
    select site_id, period_start_date, working_days, calendar_days from of_company
)

{{ select_contract('working_days') }}
