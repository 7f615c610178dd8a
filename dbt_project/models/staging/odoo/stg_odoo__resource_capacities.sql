{{ config(materialized='table') }}

with workcenters as (
    select * from {{ ref('base_odoo__workcenters') }}
    where coalesce(active, true)
),

attendances as (
    select * from {{ ref('base_odoo__attendances') }}
),

leaves as (
    select * from {{ ref('base_odoo__leaves') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_resource_capacities') }}
),

-- Months before the first dated working hours, or else before the first confirmed work, are not said to have had any.
first_months as (
    select
        least(
            coalesce(
                (select min(date_from) from {{ source('odoo', 'resource_calendar_attendance') }}),
                (select cast(min(date_finished) as date) from {{ source('odoo', 'mrp_workorder') }} where state = 'done'),
                cast({{ dbt.dateadd('month', -12, 'cycle.cycle_start_date') }} as date)
            ),
            cycle.cycle_start_date
        ) as first_date
    from {{ ref('dim_cycle') }} as cycle
),

spans as (
    select
        workcenters.workcenter_code,
        workcenters.resource_id,
        workcenters.calendar_id,
        attendances.day,
        attendances.period_start_date,
        attendances.hour_from,
        attendances.hour_to
    from workcenters
    inner join attendances on workcenters.calendar_id = attendances.calendar_number
    inner join first_months on attendances.day >= {{ month_of('first_months.first_date') }}
),

lost as (
    select
        spans.workcenter_code,
        spans.day,
        spans.hour_from,
        {{ odoo_hours_of_leave('spans', 'leaves') }} as hours
    from spans
    inner join leaves
        on spans.calendar_id = leaves.calendar_number
        and (leaves.resource_id is null or spans.resource_id = leaves.resource_id)
        and spans.day between leaves.first_day and leaves.last_day
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
