with

periods as (select * from {{ ref('dim_periods') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

horizon as (

    select
        cycle.cycle_id,
        periods.period_start_date,
        periods.cycle_offset,
        periods.zone
    from periods
    cross join cycle
    where periods.is_horizon

)

{{ select_contract('horizon') }}
