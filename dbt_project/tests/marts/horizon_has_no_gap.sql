-- Months 0 to horizon - 1 of the cycle, each once, in zones that do not go back.
with

horizon as (select * from {{ ref('dim_horizon') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

zones as (

    select
        zone,
        count(*) as months,
        max(cycle_offset) - min(cycle_offset) + 1 as span_months
    from horizon
    group by zone

),

extent as (

    select
        cycle.horizon_months,
        count(horizon.cycle_offset) as months,
        min(horizon.cycle_offset) as first_offset,
        max(horizon.cycle_offset) as last_offset
    from cycle
    left join horizon on cycle.cycle_id = horizon.cycle_id
    group by cycle.horizon_months

)

select
    'horizon' as part,
    months
from extent
where months <> horizon_months or first_offset <> 0 or last_offset <> horizon_months - 1

union all

select
    zone as part,
    months
from zones
where months <> span_months
