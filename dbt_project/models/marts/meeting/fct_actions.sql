with

cycle as (select * from {{ ref('dim_cycle') }}),

declared_actions as (select * from {{ source('planner', 'actions') }}),

published as (select * from {{ source('published', 'fct_actions') }}),

measured as (

    select *
    from {{ ref('measured_values') }}
    where subject = 'action'

),

newest_published as (

    select max(published.cycle_id) as cycle_id
    from published
    cross join cycle
    where published.cycle_id < cycle.cycle_id

),

-- An action that was open in the cycle before and is not handed in any more is still open: it is carried over until closed.
actions as (

    select
        action_id,
        opened_cycle_id,
        process_step,
        action_name,
        issue_id,
        cause_id,
        risk_id,
        owner,
        due_date,
        action_status,
        expected_effect_value,
        effect_unit,
        metric,
        scope,
        scope_id,
        closed_date,
        false as is_carried_over
    from declared_actions

    union all

    select
        published.action_id,
        published.opened_cycle_id,
        published.process_step,
        published.action_name,
        published.issue_id,
        published.cause_id,
        published.risk_id,
        published.owner,
        published.due_date,
        published.action_status,
        published.expected_effect_value,
        published.effect_unit,
        published.metric,
        published.scope,
        published.scope_id,
        published.closed_date,
        true as is_carried_over
    from published
    inner join newest_published on published.cycle_id = newest_published.cycle_id
    left join declared_actions on published.action_id = declared_actions.action_id
    where published.is_open and declared_actions.action_id is null

),

effects as (

    select
        cycle.cycle_id,
        actions.*,
        actions.action_status in ('open', 'in_progress') as is_open,
        case
            when actions.action_status in ('open', 'in_progress') and actions.due_date < cycle.cycle_start_date
                then {{ dbt.datediff('actions.due_date', 'cycle.cycle_start_date', 'day') }}
            else 0
        end as days_overdue,
        effect_before.measured_value as before_value,
        effect_after.measured_value as after_value,
        coalesce(effect_after.months_measured, 0) as effect_months,
        effect_after.measured_value - effect_before.measured_value as verified_effect_value
    from actions
    cross join cycle
    left join measured as effect_before
        on actions.action_id = effect_before.subject_id and effect_before.span = 'before'
    left join measured as effect_after
        on actions.action_id = effect_after.subject_id and effect_after.span = 'after'

),

final as (

    select
        effects.*,
        days_overdue > 0 as is_overdue,
        case
            when action_status = 'cancelled' or metric is null then 'not_measurable'
            when action_status <> 'done' or closed_date is null or after_value is null then 'pending'
            when before_value is null then 'not_measurable'
            else 'measured'
        end as effect_state
    from effects

)

{{ select_contract('final') }}
