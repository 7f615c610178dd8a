{{ config(materialized='table') }}

with calendars as (
    select * from {{ ref('base_odoo__calendars') }}
),

attendances as (
    select * from {{ source('odoo', 'resource_calendar_attendance') }}
    where display_type is null and coalesce(day_period, '') <> 'lunch'
),

cycle as (
    select cycle_start_date from {{ ref('dim_cycle') }}
),

-- From the first dated working hours on, and at least from a year before the cycle; three years ahead.
first_months as (
    select
        least(
            (select min(date_from) from attendances),
            cast({{ dbt.dateadd('month', -12, 'cycle.cycle_start_date') }} as date)
        ) as first_date
    from cycle
),

days as (
    select
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', month_of('first_months.first_date')) }} as date) as day
    from ({{ dbt.generate_series(7305) }}) as numbers
    cross join first_months
),

dated as (
    select
        days.day,
        cast(extract(isodow from days.day) as integer) - 1 as weekday,
        -- Week types alternate from the first Monday of the first year on.
        cast(floor(cast({{ dbt.datediff("cast('0001-01-01' as date)", 'days.day', 'day') }} as double precision) / 7.0) as integer) % 2 as week_type
    from days
    cross join cycle
    where days.day < {{ dbt.dateadd('month', 37, 'cycle.cycle_start_date') }}
)

select
    calendars.calendar_number,
    dated.day,
    {{ month_of('dated.day') }} as period_start_date,
    attendances.hour_from,
    attendances.hour_to
from calendars
inner join attendances on calendars.calendar_number = attendances.calendar_id
inner join dated
    on attendances.dayofweek = cast(dated.weekday as varchar)
    and (attendances.date_from is null or dated.day >= attendances.date_from)
    and (attendances.date_to is null or dated.day <= attendances.date_to)
    and (
        not calendars.is_in_turn
        or attendances.week_type is null
        or attendances.week_type = cast(dated.week_type as varchar)
    )
