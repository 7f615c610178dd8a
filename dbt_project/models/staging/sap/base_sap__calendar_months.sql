-- Factory calendars by month: a text of a character a day, 1 = working day.
with calendars as (

    select * from {{ source('sap', 'tfacs') }}

),

months as (

    select
        ident, {{ sap_period('jahr', 1) }} as month_start_date, mon01 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 2) }} as month_start_date, mon02 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 3) }} as month_start_date, mon03 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 4) }} as month_start_date, mon04 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 5) }} as month_start_date, mon05 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 6) }} as month_start_date, mon06 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 7) }} as month_start_date, mon07 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 8) }} as month_start_date, mon08 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 9) }} as month_start_date, mon09 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 10) }} as month_start_date, mon10 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 11) }} as month_start_date, mon11 as days,
        source_file_sha256, source_row_number
    from calendars
    union all
    select
        ident, {{ sap_period('jahr', 12) }} as month_start_date, mon12 as days,
        source_file_sha256, source_row_number
    from calendars

)

select ident as calendar_id, month_start_date, days, source_file_sha256, source_row_number
from months
