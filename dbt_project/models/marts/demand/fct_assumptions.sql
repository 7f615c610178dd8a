with

cycle as (select * from {{ ref('dim_cycle') }}),

assumptions as (select * from {{ source('planner', 'assumptions') }}),

final as (

    select
        cycle.cycle_id,
        assumptions.assumption_id,
        assumptions.opened_cycle_id,
        assumptions.statement,
        assumptions.metric,
        assumptions.scope,
        assumptions.scope_id,
        assumptions.expected_value,
        assumptions.tolerance_value,
        assumptions.unit,
        assumptions.expires_cycle_id,
        assumptions.assumption_status,
        assumptions.owner,
        assumptions.metric <> 'not_testable' and assumptions.expected_value is not null as is_testable,
        assumptions.assumption_status = 'open' and coalesce(assumptions.expires_cycle_id, cycle.cycle_id) < cycle.cycle_id as is_expired
    from assumptions
    cross join cycle

)

{{ select_contract('final') }}
