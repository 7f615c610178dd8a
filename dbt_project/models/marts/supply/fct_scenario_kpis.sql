with

scenarios as (select * from {{ source('planner', 'scenarios') }}),

results as (select * from {{ source('planning', 'scenario_results') }}),

scored as (

    select
        *,
        {{ ratio('delivered_units', 'demand_units') }} as service_ratio
    from results

),

-- compared in whole units of money and millionths of service: below that two plans are the same
compared as (

    select
        scenario_id,
        {{ rounded('standard_margin', 'decimal(18,0)') }} as margin,
        service_ratio as service,
        {{ rounded('stock_value', 'decimal(18,0)') }} as stock,
        {{ rounded('objective_value', 'decimal(18,0)') }} as cost
    from scored
    where is_solved

),

dominating as (

    select
        worse.scenario_id,
        better.scenario_id as dominated_by_scenario_id,
        row_number() over (partition by worse.scenario_id order by better.margin desc, better.scenario_id) as place
    from compared as worse
    inner join compared as better
        on
            worse.scenario_id <> better.scenario_id
            and better.margin >= worse.margin
            and better.service >= worse.service
            and better.stock <= worse.stock
            and better.cost <= worse.cost
            and (
                better.margin > worse.margin
                or better.service > worse.service
                or better.stock < worse.stock
                or better.cost < worse.cost
            )

),

base as (

    select *
    from scored
    where scenario_id = 'base'

),

judged as (

    select
        scored.*,
        dominating.dominated_by_scenario_id,
        case when scored.is_solved then dominating.dominated_by_scenario_id is not null end as is_dominated
    from scored
    left join dominating on scored.scenario_id = dominating.scenario_id and dominating.place = 1

),

scenario_kpis as (

    select
        judged.cycle_id,
        judged.scenario_id,
        coalesce(scenarios.scenario_name, 'Plan of record') as scenario_name,
        scenarios.question,
        judged.parent_scenario_id,
        judged.is_solved,
        judged.reason,
        judged.is_warm,
        judged.result_hash,
        judged.objective_value,
        judged.demand_units,
        judged.delivered_units,
        judged.lost_units,
        judged.backlog_units,
        judged.service_ratio,
        judged.revenue,
        judged.standard_margin,
        judged.stock_value,
        judged.overtime_hours,
        judged.objective_value - base.objective_value as cost_change,
        judged.delivered_units - base.delivered_units as delivered_units_change,
        judged.lost_units + judged.backlog_units - base.lost_units - base.backlog_units as unserved_units_change,
        judged.revenue - base.revenue as revenue_change,
        judged.standard_margin - base.standard_margin as margin_change,
        judged.stock_value - base.stock_value as stock_value_change,
        judged.is_dominated,
        judged.dominated_by_scenario_id,
        case
            when judged.is_solved
                then cast(
                    row_number() over (
                        partition by judged.is_solved
                        order by judged.is_dominated, judged.standard_margin desc, judged.objective_value, judged.scenario_id
                    ) as integer
                )
        end as priority_rank
    from judged
    cross join base
    left join scenarios on judged.scenario_id = scenarios.scenario_id

)

{{ select_contract('scenario_kpis') }}
