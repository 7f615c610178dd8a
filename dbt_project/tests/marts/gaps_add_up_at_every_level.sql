-- Sum of the item gaps = gap of their families = gap of the company, in units and money.
with

gaps as (select * from {{ ref('fct_supply_demand_gap') }}),

items as (select * from {{ ref('dim_items') }}),

item_gaps as (

    select
        gaps.scenario_id,
        items.family_id,
        gaps.period_start_date,
        sum(gaps.gap_units) as gap_units,
        sum(gaps.gap_revenue) as gap_revenue
    from gaps
    inner join items on gaps.level_id = items.item_id
    where gaps.level = 'item'
    group by gaps.scenario_id, items.family_id, gaps.period_start_date

),

family_gaps as (

    select
        gaps.scenario_id,
        'family' as level,
        gaps.level_id,
        gaps.period_start_date,
        gaps.gap_units - coalesce(item_gaps.gap_units, 0) as residual_units,
        gaps.gap_revenue - coalesce(item_gaps.gap_revenue, 0) as residual_revenue
    from gaps
    left join item_gaps
        on
            gaps.scenario_id = item_gaps.scenario_id
            and gaps.level_id = item_gaps.family_id
            and gaps.period_start_date = item_gaps.period_start_date
    where gaps.level = 'family'

),

company_gaps as (

    select
        scenario_id,
        'company' as level,
        'all' as level_id,
        period_start_date,
        sum(case when level = 'company' then gap_units else -gap_units end) as residual_units,
        sum(case when level = 'company' then gap_revenue else -gap_revenue end) as residual_revenue
    from gaps
    where level in ('company', 'family')
    group by scenario_id, period_start_date

),

residuals as (

    select * from family_gaps
    union all
    select * from company_gaps

)

select *
from residuals
where residual_units <> 0 or residual_revenue <> 0
