with workcenters as (
    select * from {{ ref('base_odoo__workcenters') }}
),

calendars as (
    select * from {{ ref('base_odoo__calendars') }}
),

attendances as (
    select * from {{ ref('base_odoo__attendances') }}
),

leaves as (
    select * from {{ ref('base_odoo__leaves') }}
    where resource_id is not null
),

stops as (
    select * from {{ source('odoo', 'mrp_workcenter_productivity') }}
),

reasons as (
    select * from {{ source('odoo', 'mrp_workcenter_productivity_loss') }}
    where loss_type = 'availability'
),

-- Leave of a work centre: the hours that it takes of the working hours, which resource_capacities has taken off already.
planned as (
    select
        'leave ' || cast(leaves.leave_id as varchar) as downtime_id,
        workcenters.workcenter_code as resource_id,
        leaves.first_day as start_date,
        -- until midnight is until the day before
        case
            when leaves.last_hour = 0 and leaves.last_day > leaves.first_day then cast({{ dbt.dateadd('day', -1, 'leaves.last_day') }} as date)
            else leaves.last_day
        end as end_date,
        coalesce(sum(greatest({{ odoo_hours_of_leave('attendances', 'leaves') }}, 0)), 0) as hours,
        'planned' as downtime_type,
        true as is_in_capacity,
        leaves.leave_name as reason,
        leaves.source_file_sha256,
        leaves.source_row_number
    from leaves
    inner join workcenters
        on leaves.resource_id = workcenters.resource_id
        and leaves.calendar_number = workcenters.calendar_id
    left join attendances
        on leaves.calendar_number = attendances.calendar_number
        and attendances.day between leaves.first_day and leaves.last_day
    group by
        leaves.leave_id, workcenters.workcenter_code, leaves.first_day, leaves.last_day, leaves.last_hour, leaves.leave_name,
        leaves.source_file_sha256, leaves.source_row_number
),

-- A stop that goes on has no end yet: it counts with the minutes that it has.
unplanned as (
    select
        cast(stops.id as varchar) as downtime_id,
        workcenters.workcenter_code as resource_id,
        {{ odoo_day('stops.date_start', 'coalesce(calendars.time_zone, workcenters.time_zone)') }} as start_date,
        {{ odoo_day('coalesce(stops.date_end, stops.date_start)', 'coalesce(calendars.time_zone, workcenters.time_zone)') }} as end_date,
        cast(coalesce(stops.duration, 0) as double precision) / 60.0 as hours,
        'unplanned' as downtime_type,
        false as is_in_capacity,
        coalesce(nullif(trim(stops.description), ''), {{ odoo_name('reasons.name') }}) as reason,
        stops.source_file_sha256,
        stops.source_row_number
    from stops
    inner join reasons on stops.loss_id = reasons.id
    inner join workcenters on stops.workcenter_id = workcenters.id
    left join calendars on workcenters.calendar_id = calendars.calendar_number
),

final as (
    select * from planned
    union all
    select * from unplanned
)

select
    downtime_id,
    resource_id,
    start_date,
    end_date,
    {{ rounded('hours', 'decimal(18,4)') }} as downtime_hours,
    downtime_type,
    is_in_capacity,
    reason,
    source_file_sha256,
    source_row_number
from final
