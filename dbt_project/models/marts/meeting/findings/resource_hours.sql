with

cycle as (select * from {{ ref('dim_cycle') }}),

resources as (select * from {{ ref('dim_resources') }}),

history as (select * from {{ ref('fct_resource_history') }}),

capacities as (select * from {{ ref('resource_capacities') }}),

logged as (

    select
        history.resource_id,
        count(*) as months,
        sum(history.used_hours) as used_hours,
        max(history.used_hours) as most_used_hours,
        sum(case when history.used_hours > 1.5 * capacities.stated_hours then 1 else 0 end) as months_above,
        sum(case when history.used_hours > capacities.stated_hours then history.used_hours - capacities.stated_hours else 0 end)
            as hours_above
    from history
    inner join cycle
        on history.period_start_date >= {{ a_year_before('cycle') }}
        and history.period_start_date < cycle.cycle_start_date
    left join capacities
        on history.resource_id = capacities.resource_id
        and history.period_start_date = capacities.period_start_date
    group by history.resource_id

),

-- What the plan is given: the delivered months from the cycle on, else the last ones delivered.
stated as (

    select
        capacities.resource_id,
        {{ ratio('sum(capacities.stated_hours)', 'count(capacities.stated_hours)', 'decimal(18,4)') }} as stated_hours,
        {{ ratio('sum(capacities.available_hours)', 'count(*)', 'decimal(18,4)') }} as planned_hours,
        sum(case when capacities.stated_hours is null or capacities.stated_hours <> capacities.available_hours then 1 else 0 end)
            as months_not_as_stated
    from capacities
    inner join cycle on capacities.period_start_date >= {{ a_year_before('cycle') }}
    group by capacities.resource_id

),

compared as (

    select
        resources.resource_id,
        resources.resource_name,
        resources.cost_per_hour,
        stated.stated_hours,
        stated.planned_hours,
        stated.months_not_as_stated,
        coalesce(logged.months_above, 0) as months_above,
        coalesce(logged.hours_above, 0) as hours_above,
        {{ ratio('coalesce(logged.used_hours, 0)', '12', 'decimal(18,4)') }} as used_hours_per_month,
        coalesce(logged.most_used_hours, 0) as most_used_hours
    from resources
    inner join stated on resources.resource_id = stated.resource_id
    left join logged on resources.resource_id = logged.resource_id

)

select
    resource_id,
    resource_name,
    cost_per_hour,
    stated_hours,
    planned_hours,
    months_not_as_stated,
    months_above,
    hours_above,
    used_hours_per_month,
    most_used_hours
from compared
