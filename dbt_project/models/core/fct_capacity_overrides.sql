with cycle as (
    select * from {{ ref('dim_cycle') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

capacity_overrides as (
    select * from {{ source('planner', 'capacity_overrides') }}
),

-- A month that is closed, or an override past its last cycle, changes no plan.
in_force as (
    select
        capacity_overrides.capacity_type,
        capacity_overrides.object_id,
        capacity_overrides.item_id,
        capacity_overrides.period_start_date,
        capacity_overrides.available_quantity,
        capacity_overrides.reason,
        capacity_overrides.owner
    from capacity_overrides
    cross join cycle
    inner join periods on capacity_overrides.period_start_date = periods.period_start_date
    where
        periods.is_horizon
        and coalesce(capacity_overrides.expires_cycle_id, cycle.cycle_id) >= cycle.cycle_id
)

{{ select_contract('in_force') }}
