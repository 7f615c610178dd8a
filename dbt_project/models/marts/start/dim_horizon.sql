with

periods as (select * from {{ ref('dim_periods') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

working_days as (select * from {{ ref('fct_working_days') }}),

horizon as (

    select
        cycle.cycle_id,
        periods.period_start_date,
        periods.cycle_offset,
        periods.zone,
        working_days.working_days
    from periods
    cross join cycle
    left join working_days
        on periods.period_start_date = working_days.period_start_date
        and working_days.site_id = 'all'
    where periods.is_horizon

)

{{ select_contract('horizon') }}
