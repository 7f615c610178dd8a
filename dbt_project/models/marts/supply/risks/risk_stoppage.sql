-- A stoppage that is announced: capacity that people set below the other months of the horizon, and downtimes planned in the ERP. It is in
-- the dates, so that it comes; what it costs is the hours gone at what they are worth in the plan.
with

cycle as (select * from {{ ref('dim_cycle') }}),

overrides as (

    select * from {{ ref('fct_capacity_overrides') }}
    where capacity_type = 'resource'

),

downtimes as (select * from {{ ref('downtimes') }}),

stakes as (select * from {{ ref('hours_at_stake') }}),

usual as (

    select
        stakes.resource_id,
        {{ ratio('sum(stakes.regular_hours)', 'count(*)', 'decimal(18,4)') }} as regular_hours
    from stakes
    left join overrides
        on
            stakes.resource_id = overrides.object_id
            and stakes.period_start_date = overrides.period_start_date
    where overrides.object_id is null
    group by stakes.resource_id

),

stopped as (

    select
        overrides.object_id as resource_id,
        overrides.period_start_date,
        usual.regular_hours - overrides.available_quantity as lost_hours
    from overrides
    inner join usual on overrides.object_id = usual.resource_id
    where overrides.available_quantity < usual.regular_hours

    union all

    select
        downtimes.resource_id,
        {{ month_of('downtimes.start_date') }} as period_start_date,
        downtimes.downtime_hours as lost_hours
    from downtimes
    cross join cycle
    where downtimes.downtime_type = 'planned' and downtimes.start_date >= cycle.cycle_start_date

),

by_month as (

    select
        resource_id,
        period_start_date,
        sum(lost_hours) as lost_hours
    from stopped
    group by resource_id, period_start_date

),

valued as (

    select
        by_month.resource_id,
        by_month.period_start_date,
        stakes.shadow_price > 0 as is_priced,
        coalesce(greatest(by_month.lost_hours - stakes.slack_hours, 0) * stakes.units_per_hour, 0) as impact_units,
        greatest(
            by_month.lost_hours * stakes.shadow_price,
            coalesce(greatest(by_month.lost_hours - stakes.slack_hours, 0) * stakes.margin_per_hour, 0)
        ) as impact_margin
    from by_month
    inner join stakes
        on
            by_month.resource_id = stakes.resource_id
            and by_month.period_start_date = stakes.period_start_date

),

ranked as (

    select
        valued.*,
        row_number() over (partition by resource_id order by impact_margin desc, impact_units desc, period_start_date) as turn,
        count(*) over (partition by resource_id) as stopped_months
    from valued

)

select
    'stoppage' as risk_kind,
    'resource' as object_type,
    resource_id as object_id,
    period_start_date,
    'announced' as likelihood_basis,
    stopped_months as hit_count,
    stopped_months as chance_count,
    {{ ratio('stopped_months', 'stopped_months') }} as likelihood_ratio,
    case when is_priced then 'plan_price' else 'hanging_demand' end as impact_basis,
    {{ rounded('impact_units', 'decimal(18,3)') }} as impact_units,
    {{ rounded('impact_margin', 'decimal(18,4)') }} as impact_margin
from ranked
where turn = 1
