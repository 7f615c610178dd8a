with cycle as (
    select * from {{ ref('dim_cycle') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

resources as (
    select * from {{ ref('resources') }}
),

priced_resources as (
    select * from {{ ref('dim_resources') }}
),

resource_capacities as (
    select * from {{ ref('resource_capacities') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

-- What people know better than the calendar.
overrides as (
    select
        object_id as resource_id,
        period_start_date,
        available_quantity
    from {{ ref('fct_capacity_overrides') }}
    where capacity_type = 'resource'
),

-- Beyond the delivered calendar a month is as the same month of the last delivered year, else as the last one delivered.
candidates as (
    select
        resource_capacities.resource_id,
        periods.period_start_date,
        resource_capacities.available_hours,
        resource_capacities.overtime_maximum_hours,
        resource_capacities.overtime_cost_per_hour,
        row_number() over (
            partition by resource_capacities.resource_id, periods.period_start_date
            order by {{ nearness('resource_capacities.period_start_date', 'periods.period_start_date') }}
        ) as nearness_rank
    from resource_capacities
    inner join periods
        on resource_capacities.period_start_date = periods.period_start_date
        or periods.is_horizon
),

-- Stops planned ahead that the delivered hours do not know of, spread evenly over their days.
stops as (
    select
        downtimes.resource_id,
        periods.period_start_date,
        downtimes.downtime_hours,
        {{ dbt.datediff('downtimes.start_date', 'downtimes.end_date', 'day') }} + 1 as stop_days,
        {{ dbt.datediff(
            'case when downtimes.start_date > periods.period_start_date then downtimes.start_date else periods.period_start_date end',
            'case when downtimes.end_date < periods.period_end_date then downtimes.end_date else periods.period_end_date end',
            'day') }} + 1 as days_in_month
    from {{ ref('downtimes') }} as downtimes
    inner join periods
        on downtimes.start_date <= periods.period_end_date
        and downtimes.end_date >= periods.period_start_date
    where downtimes.downtime_type = 'planned' and not downtimes.is_in_capacity
),

stopped as (
    select
        resource_id,
        period_start_date,
        sum({{ product('downtime_hours', ratio('days_in_month', 'stop_days')) }}) as downtime_hours
    from stops
    group by resource_id, period_start_date
),

wanted as (
    select
        resources.resource_id,
        resources.currency_code,
        periods.period_start_date,
        periods.is_horizon
    from resources
    cross join periods
),

-- A resource without any calendar has no hours in the horizon (test resources_have_a_calendar).
capacity as (
    select
        wanted.resource_id,
        wanted.period_start_date,
        coalesce(
            overrides.available_quantity,
            case
                when candidates.available_hours > coalesce(stopped.downtime_hours, 0)
                    then candidates.available_hours - coalesce(stopped.downtime_hours, 0)
                else 0
            end
        ) as regular_hours,
        coalesce(candidates.overtime_maximum_hours, 0) as overtime_maximum_hours,
        priced_resources.cost_per_hour as regular_cost_per_hour,
        coalesce(
            {{ in_company_currency('candidates.overtime_cost_per_hour', 'fx_rates.rate', 'decimal(18,6)') }},
            priced_resources.cost_per_hour
        ) as overtime_cost_per_hour
    from wanted
    cross join cycle
    inner join priced_resources on wanted.resource_id = priced_resources.resource_id
    left join candidates
        on wanted.resource_id = candidates.resource_id
        and wanted.period_start_date = candidates.period_start_date
        and candidates.nearness_rank = 1
    left join stopped
        on wanted.resource_id = stopped.resource_id
        and wanted.period_start_date = stopped.period_start_date
    left join overrides
        on wanted.resource_id = overrides.resource_id
        and wanted.period_start_date = overrides.period_start_date
    left join fx_rates
        on wanted.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
    where wanted.is_horizon or candidates.resource_id is not null
)

{{ select_contract('capacity') }}
