with

cycle as (select * from {{ ref('dim_cycle') }}),

demand as (select * from {{ ref('fct_constrained_demand') }}),

horizon as (select * from {{ ref('dim_horizon') }}),

last_month as (

    select max(period_start_date) as period_start_date
    from horizon

),

plan_of_record as (

    select
        demand.cycle_id,
        sum(demand.constrained_units) as delivered_units,
        sum(demand.lost_units) as lost_units,
        sum(
            case when demand.period_start_date = last_month.period_start_date then demand.backlog_units else 0 end
        ) as last_backlog_units
    from demand
    cross join last_month
    where demand.scenario_id = 'base'
    group by demand.cycle_id

),

facts as (

    select
        {{ cycle_month('cycle_id') }} as period_start_date,
        delivered_units as numerator,
        delivered_units + lost_units + last_backlog_units as denominator,
        {{ ratio('delivered_units', 'delivered_units + lost_units + last_backlog_units') }} as actual_value
    from plan_of_record

),

{{ kpi_measure(
    'planned_demand_fulfilment',
    missing='There is no plan of record.',
    zero='The plan of record meets no demand because there is none.',
    month='cycle.cycle_start_date',
) }}
