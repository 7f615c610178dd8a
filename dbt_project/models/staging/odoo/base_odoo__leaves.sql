with leaves as (
    select * from {{ source('odoo', 'resource_calendar_leaves') }}
),

calendars as (
    select * from {{ ref('base_odoo__calendars') }}
)

-- A leave that names no calendar holds for every calendar of its company.
select
    leaves.id as leave_id,
    leaves.name as leave_name,
    calendars.calendar_number,
    leaves.resource_id,
    {{ odoo_day('leaves.date_from', 'calendars.time_zone') }} as first_day,
    {{ odoo_day('leaves.date_to', 'calendars.time_zone') }} as last_day,
    {{ odoo_hour('leaves.date_from', 'calendars.time_zone') }} as first_hour,
    {{ odoo_hour('leaves.date_to', 'calendars.time_zone') }} as last_hour,
    leaves.source_file_sha256,
    leaves.source_row_number
from leaves
inner join calendars
    on leaves.calendar_id = calendars.calendar_number
    or (
        leaves.calendar_id is null
        and (leaves.company_id is null or calendars.company_id is null or leaves.company_id = calendars.company_id)
    )
