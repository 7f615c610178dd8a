with calendars as (
    select * from {{ source('odoo', 'resource_calendar') }}
),

companies as (
    select * from {{ ref('base_odoo__companies') }}
)

select
    calendars.id as calendar_number,
    case
        when count(*) over (partition by trim(calendars.name)) > 1 then trim(calendars.name) || ' #' || cast(calendars.id as varchar)
        else trim(calendars.name)
    end as calendar_id,
    calendars.company_id,
    coalesce(calendars.tz, companies.time_zone, 'UTC') as time_zone,
    coalesce(calendars.two_weeks_calendar, false) as is_in_turn,
    calendars.source_file_sha256,
    calendars.source_row_number
from calendars
left join companies on calendars.company_id = companies.company_id
