-- What an hour of a resource is worth in a month of the plan: its price where the plan has one, for hours beyond its slack else the
-- margin that hangs on an hour of its load.
with

load as (

    select * from {{ ref('fct_capacity_load') }}
    where scenario_id = 'base'

),

hanging as (

    select * from {{ source('planning', 'hanging_demand') }}
    where object_type = 'resource'

)

select
    load.resource_id,
    load.site_id,
    load.period_start_date,
    load.regular_hours,
    load.shadow_price,
    greatest(load.regular_hours + load.overtime_maximum_hours - load.used_hours, 0) as slack_hours,
    {{ ratio('hanging.demand_units', 'load.used_hours') }} as units_per_hour,
    {{ ratio('hanging.margin', 'load.used_hours') }} as margin_per_hour
from load
left join hanging
    on
        load.resource_id = hanging.object_id
        and load.period_start_date = hanging.period_start_date
