with

load as (select * from {{ ref('fct_capacity_load') }}),

headcount as (select * from {{ source('planning', 'headcount_plan') }}),

working_days as (select * from {{ ref('fct_working_days') }}),

parameters as (

    select
        {{ company_parameter('head_hours_per_day') }} as head_hours_per_day,
        {{ company_parameter('head_productive_ratio') }} as head_productive_ratio

),

-- Days of the site's own calendar, else of the company's, else the 21 of a month that nobody has a calendar of.
heads as (

    select
        load.*,
        load.required_hours - load.regular_hours - load.overtime_maximum_hours as short_hours,
        cast(
            coalesce(own_days.working_days, company_days.working_days, 21)
            * parameters.head_hours_per_day * parameters.head_productive_ratio
            as decimal(18, 4)
        ) as hours_per_head
    from load
    cross join parameters
    left join working_days as own_days
        on
            load.site_id = own_days.site_id
            and load.period_start_date = own_days.period_start_date
    left join working_days as company_days
        on
            company_days.site_id = 'all'
            and load.period_start_date = company_days.period_start_date

),

runs as (

    select
        heads.*,
        sum(case when short_hours > 0 then 1 else 0 end) over (
            partition by scenario_id, resource_id
            order by period_start_date
            rows between {{ capital_months() | int - 1 }} preceding and current row
        ) as short_months_to_here,
        sum(case when short_hours > 0 then 1 else 0 end) over (
            partition by scenario_id, resource_id
            order by period_start_date
            rows between 5 preceding and 6 following
        ) as short_months_of_year
    from heads

),

flagged as (

    select
        runs.*,
        max(case when short_months_to_here >= {{ capital_months() }} then 1 else 0 end) over (
            partition by scenario_id, resource_id
            order by period_start_date
            rows between current row and {{ capital_months() | int - 1 }} following
        ) as is_in_run
    from runs

),

resource_requirements as (

    select
        flagged.cycle_id,
        flagged.scenario_id,
        flagged.resource_id,
        flagged.resource_name,
        flagged.resource_type,
        flagged.site_id,
        flagged.period_start_date,
        flagged.required_hours,
        flagged.regular_hours,
        overtime_maximum_hours,
        short_hours as gap_hours,
        flagged.hours_per_head,
        case when resource_type = 'labour' then {{ ratio('flagged.required_hours', 'flagged.hours_per_head', 'decimal(18,4)') }} end as required_heads,
        case when resource_type = 'labour' then {{ ratio('flagged.regular_hours', 'flagged.hours_per_head', 'decimal(18,4)') }} end as available_heads,
        case
            when resource_type = 'labour' then {{ ratio('flagged.required_hours - flagged.regular_hours', 'flagged.hours_per_head', 'decimal(18,4)') }}
        end as gap_heads,
        headcount.heads as planned_heads,
        short_months_of_year,
        short_hours > 0 and is_in_run = 1 and resource_type <> 'labour' as needs_capital
    from flagged
    left join headcount
        on
            flagged.scenario_id = headcount.scenario_id
            and flagged.resource_id = headcount.resource_id
            and flagged.period_start_date = headcount.period_start_date

)

{{ select_contract('resource_requirements') }}
