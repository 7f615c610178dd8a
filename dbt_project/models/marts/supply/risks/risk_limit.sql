-- A limit that binds in the plan, or a resource whose slack is less than the hours it usually loses: in what share of the horizon's
-- months, and in the worst of them what is short there and would be lost, at the plan's own price or by the demand at risk.
with

cycle as (select * from {{ ref('dim_cycle') }}),

load as (

    select * from {{ ref('fct_capacity_load') }}
    where scenario_id = 'base'

),

shortages as (

    select * from {{ source('planning', 'resource_shortages') }}
    where scenario_id = 'base'

),

downtimes as (select * from {{ ref('downtimes') }}),

hours as (select * from {{ ref('fct_resource_history') }}),

hanging as (select * from {{ source('planning', 'hanging_demand') }}),

sources as (select * from {{ ref('fct_sources') }}),

hours_lost as (

    select
        downtimes.resource_id,
        sum(downtimes.downtime_hours) as lost_hours
    from downtimes
    cross join cycle
    where
        downtimes.downtime_type = 'unplanned'
        and downtimes.start_date < cycle.cycle_start_date
        and downtimes.start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ risk_months()) }}
    group by downtimes.resource_id

),

hours_had as (

    select
        hours.resource_id,
        sum(hours.available_hours) as available_hours
    from hours
    cross join cycle
    where
        hours.period_start_date < cycle.cycle_start_date
        and hours.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ risk_months()) }}
    group by hours.resource_id

),

usual_loss as (

    select
        hours_had.resource_id,
        {{ ratio('coalesce(hours_lost.lost_hours, 0)', 'hours_had.available_hours') }} as lost_ratio
    from hours_had
    left join hours_lost on hours_had.resource_id = hours_lost.resource_id

),

-- What a resource would still lack after its usual loss, with all its overtime.
resource_months as (

    select
        'resource' as object_type,
        load.resource_id as object_id,
        load.period_start_date,
        'resource' as hanging_type,
        load.resource_id as hanging_id,
        greatest(
            load.used_hours
            - {{ product('1 - coalesce(usual_loss.lost_ratio, 0)', 'load.regular_hours + load.overtime_maximum_hours') }},
            coalesce(shortages.short_quantity, 0)
        ) as lost_quantity,
        load.used_hours as used_quantity,
        load.shadow_price,
        coalesce(shortages.demand_at_risk_units, 0) as at_risk_units,
        coalesce(shortages.demand_at_risk_margin, 0) as at_risk_margin,
        load.shadow_price > 0
        or load.used_hours > {{ nearly_full_ratio() }} * load.regular_hours
        or load.used_hours > (1 - coalesce(usual_loss.lost_ratio, 0)) * load.regular_hours as is_hit
    from load
    left join usual_loss on load.resource_id = usual_loss.resource_id
    left join shortages
        on
            shortages.shortage_type = 'resource'
            and load.resource_id = shortages.object_id
            and load.period_start_date = shortages.period_start_date

),

-- The others are in the plan only where they bind.
other_months as (

    select
        shortages.shortage_type as object_type,
        shortages.object_id,
        shortages.period_start_date,
        'item_site' as hanging_type,
        coalesce(sources.item_id || '@' || sources.site_id, shortages.object_id) as hanging_id,
        shortages.short_quantity as lost_quantity,
        shortages.required_quantity as used_quantity,
        shortages.shadow_price,
        shortages.demand_at_risk_units as at_risk_units,
        shortages.demand_at_risk_margin as at_risk_margin,
        true as is_hit
    from shortages
    left join sources on shortages.object_id = sources.source_id
    where shortages.shortage_type <> 'resource'

),

limit_months as (

    select * from resource_months
    union all
    select * from other_months

),

-- A price stands for a loss that the plan makes good elsewhere; without one, demand goes short by the share that is lost.
valued as (

    select
        limit_months.object_type,
        limit_months.object_id,
        limit_months.period_start_date,
        limit_months.is_hit,
        limit_months.shadow_price > 0 as is_priced,
        greatest(
            limit_months.at_risk_units,
            coalesce(
                {{ ratio('greatest(limit_months.lost_quantity, 0) * hanging.demand_units', 'limit_months.used_quantity') }}, 0
            )
        ) as impact_units,
        greatest(
            limit_months.at_risk_margin,
            case
                when limit_months.shadow_price > 0 then greatest(limit_months.lost_quantity, 0) * limit_months.shadow_price
                else
                    coalesce(
                        {{ ratio('greatest(limit_months.lost_quantity, 0) * hanging.margin', 'limit_months.used_quantity') }}, 0
                    )
            end
        ) as impact_margin
    from limit_months
    left join hanging
        on
            limit_months.hanging_type = hanging.object_type
            and limit_months.hanging_id = hanging.object_id
            and limit_months.period_start_date = hanging.period_start_date

),

ranked as (

    select
        valued.*,
        row_number() over (
            partition by object_type, object_id
            order by case when is_hit then 0 else 1 end, impact_margin desc, impact_units desc, period_start_date
        ) as turn,
        sum(case when is_hit then 1 else 0 end) over (partition by object_type, object_id) as hit_count
    from valued

)

select
    'limit' as risk_kind,
    ranked.object_type,
    ranked.object_id,
    ranked.period_start_date,
    'plan_months' as likelihood_basis,
    ranked.hit_count,
    cycle.horizon_months as chance_count,
    {{ ratio('ranked.hit_count', 'cycle.horizon_months') }} as likelihood_ratio,
    case when ranked.is_priced then 'plan_price' else 'hanging_demand' end as impact_basis,
    {{ rounded('ranked.impact_units', 'decimal(18,3)') }} as impact_units,
    {{ rounded('ranked.impact_margin', 'decimal(18,4)') }} as impact_margin
from ranked
cross join cycle
where ranked.turn = 1 and ranked.hit_count > 0
