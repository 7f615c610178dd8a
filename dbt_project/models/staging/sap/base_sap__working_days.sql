with months as (

    select * from {{ ref('base_sap__calendar_months') }}

)

select
    calendar_id,
    month_start_date,
    length(days) - length(replace(days, '1', '')) as working_days,
    length(days) as calendar_days
from months
