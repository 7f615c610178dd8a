with

cycle as (select * from {{ ref('dim_cycle') }}),

actions as (select * from {{ source('planner', 'actions') }}),

final as (

    select
        cycle.cycle_id,
        actions.action_id,
        actions.opened_cycle_id,
        actions.process_step,
        actions.action_name,
        actions.issue_id,
        actions.owner,
        actions.due_date,
        actions.action_status,
        actions.expected_effect_value,
        actions.effect_unit,
        actions.closed_date,
        actions.action_status in ('open', 'in_progress') as is_open,
        case
            when actions.action_status in ('open', 'in_progress') and actions.due_date < cycle.cycle_start_date
                then {{ dbt.datediff('actions.due_date', 'cycle.cycle_start_date', 'day') }}
            else 0
        end as days_overdue
    from actions
    cross join cycle

)

{{ select_contract('final') }}
