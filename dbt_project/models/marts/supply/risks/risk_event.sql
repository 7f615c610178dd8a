-- An event that people expect to take hours away (planner.events): as likely as they say, and on the resource that it hits hardest worth
-- what the hours are worth in the plan.
with

events as (

    select * from {{ ref('fct_events') }}
    where
        metric = 'hours'
        and impact_base_value < 0
        and is_in_horizon
        and event_status = 'expected'

),

stakes as (select * from {{ ref('hours_at_stake') }}),

hit as (

    select
        events.event_id,
        events.probability_ratio,
        stakes.period_start_date,
        -events.impact_base_value as lost_hours,
        stakes.shadow_price,
        stakes.units_per_hour,
        stakes.margin_per_hour,
        greatest(-events.impact_base_value - stakes.slack_hours, 0) as missed_hours
    from events
    inner join stakes
        on
            stakes.period_start_date between events.first_period_start_date and events.last_period_start_date
            and (
                events.scope = 'company'
                or (events.scope = 'site' and events.scope_id = stakes.site_id)
                or (events.scope = 'resource' and events.scope_id = stakes.resource_id)
            )

),

valued as (

    select
        hit.event_id,
        hit.probability_ratio,
        hit.period_start_date,
        hit.shadow_price > 0 as is_priced,
        coalesce(hit.missed_hours * hit.units_per_hour, 0) as impact_units,
        greatest(hit.lost_hours * hit.shadow_price, coalesce(hit.missed_hours * hit.margin_per_hour, 0)) as impact_margin
    from hit

),

ranked as (

    select
        valued.*,
        row_number() over (partition by event_id order by impact_margin desc, impact_units desc, period_start_date) as turn
    from valued

)

select
    'event' as risk_kind,
    'event' as object_type,
    event_id as object_id,
    period_start_date,
    'people' as likelihood_basis,
    cast(null as integer) as hit_count,
    cast(null as integer) as chance_count,
    {{ rounded('probability_ratio', 'decimal(18,6)') }} as likelihood_ratio,
    case when is_priced then 'plan_price' else 'hanging_demand' end as impact_basis,
    {{ rounded('impact_units', 'decimal(18,3)') }} as impact_units,
    {{ rounded('impact_margin', 'decimal(18,4)') }} as impact_margin
from ranked
where turn = 1
