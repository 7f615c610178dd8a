with

cycle as (select * from {{ ref('dim_cycle') }}),

decisions as (select * from {{ source('planner', 'decisions') }}),

final as (

    select
        cycle.cycle_id,
        decisions.decision_id,
        decisions.opened_cycle_id,
        decisions.question,
        decisions.options,
        decisions.recommendation,
        decisions.chosen_option,
        decisions.money_effect,
        decisions.scenario_id,
        decisions.decision_status,
        decisions.approver,
        decisions.decided_date,
        decisions.decision_status in ('proposed', 'postponed') as is_open
    from decisions
    cross join cycle

)

{{ select_contract('final') }}
