with

cycle as (select * from {{ ref('dim_cycle') }}),

roles as (select * from {{ source('planner', 'roles') }}),

final as (

    select
        cycle.cycle_id,
        roles.role_id,
        roles.process_step,
        roles.role_name,
        roles.person,
        roles.responsibility,
        roles.can_override,
        roles.can_approve
    from roles
    cross join cycle

)

{{ select_contract('final') }}
