with calendars as (
    select * from {{ ref('base_odoo__calendars') }}
),

companies as (
    select * from {{ ref('base_odoo__companies') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_sites') }}
),

attendances as (
    select * from {{ ref('base_odoo__attendances') }}
),

-- Leave of one resource, a person or a work centre, closes no site.
leaves as (
    select * from {{ ref('base_odoo__leaves') }}
    where resource_id is null
),

-- Calendars that sites work by; those of single work centres are read for their hours.
of_sites as (
    select calendars.*
    from calendars
    where
        calendars.calendar_number in (select resource_calendar_id from companies)
        or calendars.calendar_id in (select calendar_id from supplement)
),

-- Hours that are free to choose stand nowhere: a weekday is worked all the same.
flexible as (
    select of_sites.calendar_number
    from of_sites
    left join attendances on of_sites.calendar_number = attendances.calendar_number
    where attendances.calendar_number is null
),

days as (
    select
        of_sites.calendar_number,
        dated.day
    from of_sites
    cross join (select distinct day from attendances) as dated
),

spans as (
    select
        attendances.calendar_number,
        attendances.day,
        attendances.hour_from,
        attendances.hour_to
    from attendances
    inner join of_sites on attendances.calendar_number = of_sites.calendar_number

    union all

    select
        days.calendar_number,
        days.day,
        0 as hour_from,
        24 as hour_to
    from days
    inner join flexible on days.calendar_number = flexible.calendar_number
    where extract(isodow from days.day) <= 5
),

lost as (
    select
        spans.calendar_number,
        spans.day,
        spans.hour_from,
        leaves.leave_id,
        {{ odoo_hours_of_leave('spans', 'leaves') }} as hours
    from spans
    inner join leaves
        on spans.calendar_number = leaves.calendar_number
        and spans.day between leaves.first_day and leaves.last_day
),

-- Two leaves on one day take no more than the span has; the first of them names the day.
lost_of_spans as (
    select
        calendar_number,
        day,
        hour_from,
        min(leave_id) as leave_id,
        sum(hours) as hours
    from lost
    where hours > 0
    group by calendar_number, day, hour_from
),

worked as (
    select
        spans.calendar_number,
        spans.day,
        min(lost_of_spans.leave_id) as leave_id,
        sum(greatest(spans.hour_to - spans.hour_from - coalesce(lost_of_spans.hours, 0), 0)) as hours
    from spans
    left join lost_of_spans
        on spans.calendar_number = lost_of_spans.calendar_number
        and spans.day = lost_of_spans.day
        and spans.hour_from = lost_of_spans.hour_from
    group by spans.calendar_number, spans.day
),

told as (
    select
        days.calendar_number,
        days.day,
        extract(isodow from days.day) <= 5 as is_weekday,
        coalesce(worked.hours, 0) > 0 as is_working_day,
        case when flexible.calendar_number is null then coalesce(worked.hours, 0) end as hours,
        worked.leave_id
    from days
    left join worked
        on days.calendar_number = worked.calendar_number
        and days.day = worked.day
    left join flexible on days.calendar_number = flexible.calendar_number
)

-- Days that differ from Monday to Friday, or that a leave shortens.
select
    of_sites.calendar_id,
    told.day as calendar_date,
    told.is_working_day,
    {{ rounded('told.hours', 'decimal(18,4)') }} as working_hours,
    leaves.leave_name as day_name,
    coalesce(leaves.source_file_sha256, of_sites.source_file_sha256) as source_file_sha256,
    coalesce(leaves.source_row_number, of_sites.source_row_number) as source_row_number
from told
inner join of_sites on told.calendar_number = of_sites.calendar_number
left join leaves
    on told.calendar_number = leaves.calendar_number
    and told.leave_id = leaves.leave_id
where told.is_working_day <> told.is_weekday or told.leave_id is not null
