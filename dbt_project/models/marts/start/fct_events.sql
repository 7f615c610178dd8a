with

cycle as (select * from {{ ref('dim_cycle') }}),

events as (select * from {{ source('planner', 'events') }}),

final as (

    select
        cycle.cycle_id,
        events.event_id,
        events.event_origin,
        events.event_name,
        events.scope,
        events.scope_id,
        events.first_period_start_date,
        events.last_period_start_date,
        events.metric,
        events.impact_low_value,
        events.impact_base_value,
        events.impact_high_value,
        events.probability_ratio,
        events.event_status,
        events.owner,
        case when events.event_status = 'cancelled' then 0 else {{ product('events.impact_base_value', 'events.probability_ratio', 'decimal(18,4)') }} end as expected_impact_value,
        events.last_period_start_date >= cycle.cycle_start_date
            and events.first_period_start_date < {{ months_after('cycle.cycle_start_date', 'cycle.horizon_months') }} as is_in_horizon
    from events
    cross join cycle

)

{{ select_contract('final') }}
