with cycle as (
    select * from {{ ref('dim_cycle') }}
),

operation_confirmations as (
    select * from {{ ref('operation_confirmations') }}
),

resource_capacities as (
    select * from {{ ref('resource_capacities') }}
),

hours as (
    select
        operation_confirmations.resource_id,
        {{ month_of('operation_confirmations.confirmed_date') }} as period_start_date,
        operation_confirmations.confirmed_hours as used_hours,
        0 as available_hours
    from operation_confirmations

    union all

    select
        resource_id,
        period_start_date,
        0 as used_hours,
        available_hours
    from resource_capacities
),

monthly as (
    select
        hours.resource_id,
        hours.period_start_date,
        sum(hours.used_hours) as used_hours,
        sum(hours.available_hours) as available_hours
    from hours
    inner join cycle on hours.period_start_date < cycle.cycle_start_date
    group by hours.resource_id, hours.period_start_date
)

{{ select_contract('monthly') }}
