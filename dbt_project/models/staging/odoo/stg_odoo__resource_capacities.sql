{{ config(materialized='table') }}

with workcenters as (
    select * from {{ ref('base_odoo__workcenters') }}
    where coalesce(active, true)
),

calendars as (
    select * from {{ source('odoo', 'resource_calendar') }}
),

attendances as (
    select * from {{ source('odoo', 'resource_calendar_attendance') }}
    where display_type is null and coalesce(day_period, '') <> 'lunch'
),

leaves as (
    select * from {{ source('odoo', 'resource_calendar_leaves') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_resource_capacities') }}
),

cycle as (
    select cycle_start_date from {{ ref('dim_cycle') }}
),

-- Months that the calendar is read for: from the first dated working hours or confirmed work on, else a year back; three
-- years ahead.
first_months as (
    select
        least(
            coalesce(
                (select min(date_from) from attendances),
                (select cast(min(date_finished) as date) from {{ source('odoo', 'mrp_workorder') }} where state = 'done'),
                cast({{ dbt.dateadd('month', -12, 'cycle.cycle_start_date') }} as date)
            ),
            cycle.cycle_start_date
        ) as first_date
    from cycle
),

days as (
    select
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', month_of('first_months.first_date')) }} as date) as day
    from ({{ dbt.generate_series(7305) }}) as numbers
    cross join first_months
),

working_days as (
    select
        days.day,
        {{ month_of('days.day') }} as period_start_date,
        cast(extract(isodow from days.day) as integer) - 1 as weekday,
        -- Week types alternate from the first Monday of the first year on.
        cast(floor(cast({{ dbt.datediff("cast('0001-01-01' as date)", 'days.day', 'day') }} as double precision) / 7.0) as integer) % 2 as week_type
    from days
    cross join cycle
    where days.day < {{ dbt.dateadd('month', 37, 'cycle.cycle_start_date') }}
),

spans as (
    select
        workcenters.workcenter_code,
        workcenters.resource_id,
        working_days.day,
        working_days.period_start_date,
        calendars.id as calendar_id,
        attendances.hour_from,
        attendances.hour_to
    from workcenters
    inner join calendars on workcenters.calendar_id = calendars.id
    inner join attendances on calendars.id = attendances.calendar_id
    inner join working_days
        on attendances.dayofweek = cast(working_days.weekday as varchar)
        and (attendances.date_from is null or working_days.day >= attendances.date_from)
        and (attendances.date_to is null or working_days.day <= attendances.date_to)
        and (
            not coalesce(calendars.two_weeks_calendar, false)
            or attendances.week_type is null
            or attendances.week_type = cast(working_days.week_type as varchar)
        )
),

absences as (
    select
        leaves.id,
        leaves.calendar_id,
        leaves.resource_id,
        workcenters.workcenter_code,
        {{ odoo_day('leaves.date_from', 'calendars.tz') }} as first_day,
        {{ odoo_day('leaves.date_to', 'calendars.tz') }} as last_day,
        {{ odoo_hour('leaves.date_from', 'calendars.tz') }} as first_hour,
        {{ odoo_hour('leaves.date_to', 'calendars.tz') }} as last_hour
    from leaves
    inner join workcenters
        on (leaves.calendar_id is null or leaves.calendar_id = workcenters.calendar_id)
        and (leaves.resource_id is null or leaves.resource_id = workcenters.resource_id)
    inner join calendars on workcenters.calendar_id = calendars.id
),

lost as (
    select
        spans.workcenter_code,
        spans.period_start_date,
        spans.day,
        spans.hour_from,
        least(spans.hour_to, case when spans.day = absences.last_day then absences.last_hour else 24 end)
        - greatest(spans.hour_from, case when spans.day = absences.first_day then absences.first_hour else 0 end) as hours
    from spans
    inner join absences
        on spans.workcenter_code = absences.workcenter_code
        and spans.day between absences.first_day and absences.last_day
),

-- Two leaves on one day take no more than the span has.
lost_of_spans as (
    select
        workcenter_code,
        day,
        hour_from,
        sum(case when hours > 0 then hours else 0 end) as hours
    from lost
    group by workcenter_code, day, hour_from
),

worked as (
    select
        spans.workcenter_code,
        spans.period_start_date,
        sum(greatest(spans.hour_to - spans.hour_from - coalesce(lost_of_spans.hours, 0), 0)) as hours
    from spans
    left join lost_of_spans
        on spans.workcenter_code = lost_of_spans.workcenter_code
        and spans.day = lost_of_spans.day
        and spans.hour_from = lost_of_spans.hour_from
    group by spans.workcenter_code, spans.period_start_date
),

keys as (
    select workcenter_code as resource_id, period_start_date from worked
    union
    select resource_id, period_start_date from supplement
)

select
    keys.resource_id,
    keys.period_start_date,
    coalesce(supplement.available_hours, {{ rounded('worked.hours', 'decimal(18,4)') }}) as available_hours,
    cast(null as decimal(18, 4)) as stated_hours,
    coalesce(supplement.overtime_maximum_hours, cast(0 as decimal(18, 4))) as overtime_maximum_hours,
    coalesce(supplement.overtime_cost_per_hour, workcenters.costs_hour) as overtime_cost_per_hour,
    coalesce(supplement.source_file_sha256, workcenters.source_file_sha256) as source_file_sha256,
    coalesce(supplement.source_row_number, workcenters.source_row_number) as source_row_number
from keys
left join workcenters on keys.resource_id = workcenters.workcenter_code
left join worked
    on keys.resource_id = worked.workcenter_code
    and keys.period_start_date = worked.period_start_date
left join supplement
    on keys.resource_id = supplement.resource_id
    and keys.period_start_date = supplement.period_start_date
