{#- What the hours of a resource and month went into. A confirmation is of its order's units; of an order that is not completed
    all that was ordered counts as good, and several of one operation share its units by their hours. Hours of an operation that no routing times by the unit are taken as they are. A stop counts in the
    month it began. Slow running is what is left over, so that the parts are the hours exactly. -#}
with

cycle as (select * from {{ ref('dim_cycle') }}),

confirmations as (select * from {{ ref('operation_confirmations') }}),

production_orders as (select * from {{ ref('production_orders') }}),

routing_operations as (select * from {{ ref('routing_operations') }}),

resource_history as (select * from {{ ref('fct_resource_history') }}),

downtimes as (select * from {{ ref('downtimes') }}),

resources as (select * from {{ ref('dim_resources') }}),

default_operations as (
    {{ default_operations() }}
),

dated as (

    select
        confirmations.resource_id,
        {{ month_of('confirmations.confirmed_date') }} as period_start_date,
        confirmations.confirmed_hours,
        {{ ratio(
            'confirmations.confirmed_hours',
            'sum(confirmations.confirmed_hours) over (partition by confirmations.production_order_id, default_operations.operation_number)',
            'double precision'
        ) }} as share_of_operation,
        default_operations.run_hours_per_unit,
        coalesce(default_operations.setup_hours_per_lot, 0) as setup_hours_per_lot,
        case
            when production_orders.completed_date < cycle.cycle_start_date then production_orders.completed_units
            else production_orders.ordered_units
        end as good_units,
        case when production_orders.completed_date < cycle.cycle_start_date then production_orders.scrapped_units else 0 end as scrapped_units
    from confirmations
    cross join cycle
    inner join production_orders on confirmations.production_order_id = production_orders.production_order_id
    left join default_operations
        on
            production_orders.item_id = default_operations.item_id
            and production_orders.site_id = default_operations.site_id
            and {{ is_confirmation_of('confirmations.operation_number', 'default_operations.operation_number') }}
            and default_operations.run_hours_per_unit > 0
    where confirmations.confirmed_date < cycle.cycle_start_date

),

confirmed as (

    select
        resource_id,
        period_start_date,
        case when run_hours_per_unit is null then 0 else {{ product('coalesce(share_of_operation, 0)', 'setup_hours_per_lot', 'decimal(18,6)') }} end as setup_hours,
        case
            when run_hours_per_unit is null then confirmed_hours
            else {{ product('coalesce(share_of_operation, 0) * cast(run_hours_per_unit as double precision)', 'good_units', 'decimal(18,6)') }}
        end as good_hours,
        case
            when run_hours_per_unit is null then 0
            else {{ product('coalesce(share_of_operation, 0) * cast(run_hours_per_unit as double precision)', 'scrapped_units', 'decimal(18,6)') }}
        end as scrap_hours
    from dated

),

worked as (

    select
        resource_id,
        period_start_date,
        sum(setup_hours) as setup_hours,
        sum(good_hours) as good_hours,
        sum(scrap_hours) as scrap_hours
    from confirmed
    group by resource_id, period_start_date

),

stopped as (

    select
        resource_id,
        {{ month_of('start_date') }} as period_start_date,
        sum(case when downtime_type = 'planned' then downtime_hours else 0 end) as planned_stop_hours,
        sum(case when downtime_type = 'planned' then 0 else downtime_hours end) as breakdown_hours
    from downtimes
    where not is_in_capacity
    group by resource_id, {{ month_of('start_date') }}

),

rounded_hours as (

    select
        resource_history.resource_id,
        resources.site_id,
        resource_history.period_start_date,
        {{ rounded('resource_history.available_hours', 'decimal(18,3)') }} as available_hours,
        {{ rounded('resource_history.used_hours', 'decimal(18,3)') }} as used_hours,
        {{ rounded('coalesce(stopped.planned_stop_hours, 0)', 'decimal(18,3)') }} as planned_stop_hours,
        {{ rounded('coalesce(stopped.breakdown_hours, 0)', 'decimal(18,3)') }} as breakdown_hours,
        {{ rounded('coalesce(worked.setup_hours, 0)', 'decimal(18,3)') }} as setup_hours,
        {{ rounded('coalesce(worked.good_hours, 0)', 'decimal(18,3)') }} as good_hours,
        {{ rounded('coalesce(worked.scrap_hours, 0)', 'decimal(18,3)') }} as scrap_hours
    from resource_history
    inner join resources on resource_history.resource_id = resources.resource_id
    left join worked
        on
            resource_history.resource_id = worked.resource_id
            and resource_history.period_start_date = worked.period_start_date
    left join stopped
        on
            resource_history.resource_id = stopped.resource_id
            and resource_history.period_start_date = stopped.period_start_date

)

select
    resource_id,
    site_id,
    period_start_date,
    available_hours,
    planned_stop_hours,
    breakdown_hours,
    setup_hours,
    good_hours,
    scrap_hours,
    greatest(available_hours - planned_stop_hours - breakdown_hours - used_hours, 0) as idle_hours,
    least(available_hours - planned_stop_hours - breakdown_hours - used_hours, 0) as overtime_hours,
    used_hours - setup_hours - good_hours - scrap_hours as slow_hours
from rounded_hours
