-- Every demand that goes short, or hangs on a limit, leads to exactly one limit, and that limit is on the list of shortages.
with

chains as (select * from {{ ref('fct_shortage_chains') }}),

shortages as (select * from {{ ref('fct_resource_shortages') }}),

limits_by_demand as (

    select
        chains.scenario_id,
        chains.item_id,
        chains.site_id,
        chains.channel_id,
        chains.period_start_date,
        sum(case when chains.is_limit then 1 else 0 end) as limits,
        sum(case when chains.is_limit and shortages.object_id is not null then 1 else 0 end) as listed_limits
    from chains
    left join shortages
        on
            chains.scenario_id = shortages.scenario_id
            and chains.step_type = shortages.shortage_type
            and chains.object_id = shortages.object_id
            and chains.step_period_start_date = shortages.period_start_date
    group by
        chains.scenario_id,
        chains.item_id,
        chains.site_id,
        chains.channel_id,
        chains.period_start_date

)

select
    scenario_id,
    item_id,
    site_id,
    channel_id,
    period_start_date,
    limits,
    listed_limits
from limits_by_demand
where limits <> 1 or listed_limits <> 1
