with

scenarios as (select * from {{ source('planner', 'scenarios') }}),

results as (select * from {{ source('planning', 'scenario_results') }}),

base as (

    select *
    from results
    where scenario_id = 'base'

),

scenario_kpis as (

    select
        results.cycle_id,
        results.scenario_id,
        coalesce(scenarios.scenario_name, 'Plan of record') as scenario_name,
        scenarios.question,
        results.parent_scenario_id,
        results.is_solved,
        results.reason,
        results.is_warm,
        results.result_hash,
        results.objective_value,
        results.demand_units,
        results.delivered_units,
        results.lost_units,
        results.backlog_units,
        results.revenue,
        results.standard_margin,
        results.overtime_hours,
        results.objective_value - base.objective_value as cost_change,
        results.delivered_units - base.delivered_units as delivered_units_change,
        results.lost_units + results.backlog_units - base.lost_units - base.backlog_units as unserved_units_change,
        results.revenue - base.revenue as revenue_change,
        results.standard_margin - base.standard_margin as margin_change
    from results
    cross join base
    left join scenarios on results.scenario_id = scenarios.scenario_id

)

{{ select_contract('scenario_kpis') }}
