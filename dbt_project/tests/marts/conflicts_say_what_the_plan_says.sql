-- The demand plan's side of a conflict is the sum of the demand plan over the quarter's months in the horizon.
with

conflicts as (select * from {{ ref('fct_conflicts') }}),

demand_plan as (select * from {{ ref('fct_demand_plan') }}),

plan_by_quarter as (

    select
        family_id,
        channel_id,
        cast({{ dbt.date_trunc('quarter', 'period_start_date') }} as date) as quarter_start_date,
        sum(forecast_units) as forecast_units
    from demand_plan
    where not is_history
    group by family_id, channel_id, cast({{ dbt.date_trunc('quarter', 'period_start_date') }} as date)

)

select
    conflicts.conflict_id,
    conflicts.value_b,
    plan_by_quarter.forecast_units
from conflicts
left join plan_by_quarter
    on
        conflicts.family_id = plan_by_quarter.family_id
        and conflicts.channel_id = plan_by_quarter.channel_id
        and conflicts.quarter_start_date = plan_by_quarter.quarter_start_date
where
    conflicts.party_b = 'final'
    and conflicts.metric = 'units'
    and conflicts.channel_id <> 'all'
    and conflicts.value_b <> coalesce(plan_by_quarter.forecast_units, 0)
