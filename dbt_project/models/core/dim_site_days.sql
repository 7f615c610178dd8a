with sites as (
    select * from {{ ref('sites') }}
),

calendars as (
    select * from {{ ref('calendars') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

public_holidays as (
    select * from {{ source('reference', 'public_holidays') }}
),

numbers as (
    {{ dbt.generate_series(31) }}
),

-- From five years before the cycle, so that demand can be held against them, to the end of the horizon.
days as (
    select
        periods.period_start_date,
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'periods.period_start_date') }} as date) as calendar_date
    from periods
    inner join numbers on numbers.generated_number <= periods.period_days
    where periods.cycle_offset >= -{{ calendar_months() }}
),

delivered_calendars as (
    select
        calendar_id,
        min(calendar_date) as first_date
    from calendars
    group by calendar_id
),

site_days as (
    select
        sites.site_id,
        days.period_start_date,
        days.calendar_date,
        delivered_calendars.calendar_id,
        delivered_calendars.first_date,
        calendars.is_working_day as stated,
        public_holidays.holiday_date,
        extract(isodow from days.calendar_date) <= 5 as is_weekday
    from sites
    cross join days
    left join delivered_calendars on sites.calendar_id = delivered_calendars.calendar_id
    left join calendars
        on sites.calendar_id = calendars.calendar_id
        and days.calendar_date = calendars.calendar_date
    left join public_holidays
        on sites.country_code = public_holidays.country_code
        and days.calendar_date = public_holidays.holiday_date
),

-- A delivered calendar has the last word; a day that it does not name is worked from Monday to Friday, and a day before its
-- first one as if there were none.
judged as (
    select
        site_id,
        calendar_date,
        period_start_date,
        case
            when stated is not null then stated
            when calendar_date >= first_date then is_weekday
            else is_weekday and holiday_date is null
        end as is_working_day
    from site_days
)

{{ select_contract('judged') }}
