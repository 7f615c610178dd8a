with

cycle as (select * from {{ ref('dim_cycle') }}),

issues as (select * from {{ source('planner', 'issues') }}),

answers as (

    select
        issue_id,
        count(*) as action_count
    from {{ source('planner', 'actions') }}
    where issue_id is not null and action_status <> 'cancelled'
    group by issue_id

),

final as (

    select
        cycle.cycle_id,
        issues.issue_id,
        issues.opened_cycle_id,
        issues.process_step,
        issues.severity,
        issues.issue_name,
        issues.evidence,
        issues.owner,
        issues.next_date,
        issues.issue_status,
        issues.resolution,
        issues.issue_status in ('open', 'in_progress') as is_open,
        coalesce(answers.action_count, 0) as action_count,
        issues.severity = 'blocking' and issues.issue_status in ('open', 'in_progress')
            and coalesce(answers.action_count, 0) = 0 as needs_action
    from issues
    cross join cycle
    left join answers on issues.issue_id = answers.issue_id

)

{{ select_contract('final') }}
