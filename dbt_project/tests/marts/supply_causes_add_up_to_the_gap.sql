-- The causes of a month at a site are the gap of its measure exactly: lines or units due, minus those served.
with

causes as (select * from {{ ref('fct_supply_deviation_causes') }}),

performance as (select * from {{ ref('fct_supply_performance') }}),

explained as (

    select
        metric,
        site_id,
        period_start_date,
        sum(gap_quantity) as explained_quantity
    from causes
    group by metric, site_id, period_start_date

),

gaps as (

    select
        metric,
        level_id as site_id,
        period_start_date,
        denominator - numerator as gap_quantity
    from performance
    where level = 'site' and metric in ('customer_otif', 'supplier_otif', 'plan_attainment_mix', 'effective_utilisation', 'yield')

)

select
    gaps.metric,
    gaps.site_id,
    gaps.period_start_date,
    gaps.gap_quantity,
    coalesce(explained.explained_quantity, 0) as explained_quantity
from gaps
left join explained
    on
        gaps.metric = explained.metric
        and gaps.site_id = explained.site_id
        and gaps.period_start_date = explained.period_start_date
where abs(gaps.gap_quantity - coalesce(explained.explained_quantity, 0)) > 0.0005
