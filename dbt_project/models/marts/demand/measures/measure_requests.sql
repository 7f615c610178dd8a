-- What is to be measured: which metric, where, over which closed months. An assumption from the month it was made in to its
-- expiry; an action in the months before it was opened and in those after it was done.
with

cycle as (select * from {{ ref('dim_cycle') }}),

assumptions as (select * from {{ source('planner', 'assumptions') }}),

actions as (select * from {{ source('planner', 'actions') }}),

requests as (

    select
        'assumption' as subject,
        assumptions.assumption_id as subject_id,
        'since' as span,
        {{ measured_metric('assumptions') }} as metric,
        assumptions.scope,
        assumptions.scope_id,
        {{ cycle_month('assumptions.opened_cycle_id') }} as first_period_start_date,
        case
            when assumptions.expires_cycle_id < cycle.cycle_id then {{ cycle_month('assumptions.expires_cycle_id') }}
            else {{ last_closed_month() }}
        end as last_period_start_date
    from assumptions
    cross join cycle
    where assumptions.metric <> 'not_testable'

    union all

    select
        'action' as subject,
        actions.action_id as subject_id,
        'before' as span,
        actions.metric,
        actions.scope,
        actions.scope_id,
        {{ months_after(cycle_month('actions.opened_cycle_id'), '-' ~ effect_months()) }} as first_period_start_date,
        {{ months_after(cycle_month('actions.opened_cycle_id'), -1) }} as last_period_start_date
    from actions
    where actions.metric is not null

    union all

    select
        'action' as subject,
        actions.action_id as subject_id,
        'after' as span,
        actions.metric,
        actions.scope,
        actions.scope_id,
        {{ months_after(month_of('actions.closed_date'), 1) }} as first_period_start_date,
        {{ months_after(month_of('actions.closed_date'), effect_months()) }} as last_period_start_date
    from actions
    where actions.metric is not null and actions.action_status = 'done' and actions.closed_date is not null

),

-- Only whole months count: what has not closed is not measured.
closed as (

    select
        requests.subject,
        requests.subject_id,
        requests.span,
        requests.metric,
        requests.scope,
        requests.scope_id,
        requests.first_period_start_date,
        case
            when requests.last_period_start_date >= cycle.cycle_start_date then {{ last_closed_month() }}
            else requests.last_period_start_date
        end as last_period_start_date
    from requests
    cross join cycle

)

select * from closed
