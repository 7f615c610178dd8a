-- Demand that hangs on an object in a mean month of the horizon.
with

hanging as (select * from {{ source('planning', 'hanging_demand') }}),

cycle as (select * from {{ ref('dim_cycle') }})

select
    hanging.object_type,
    hanging.object_id,
    {{ ratio('sum(hanging.demand_units)', 'max(cycle.horizon_months)') }} as units_per_month,
    {{ ratio('sum(hanging.margin)', 'max(cycle.horizon_months)') }} as margin_per_month
from hanging
cross join cycle
group by hanging.object_type, hanging.object_id
