-- Demand runs away from its forecast while supply ordered beyond the frozen horizon is on its way: how often the tested forecasts
-- were short by more than the safety stock, and the demand that was missed by it.
with

cycle as (select * from {{ ref('dim_cycle') }}),

sources as (select * from {{ ref('fct_sources') }}),

hanging as (select * from {{ ref('hanging_monthly') }}),

safety_stocks as (select * from {{ source('planning', 'safety_stocks') }}),

ranked as (

    select
        sources.*,
        row_number() over (partition by item_id, site_id order by priority, source_id) as choice
    from sources

),

beyond as (

    select
        ranked.item_id,
        ranked.site_id,
        safety_stocks.short_origins,
        safety_stocks.error_origins,
        {{ ratio('safety_stocks.short_units', 'safety_stocks.demand_units_per_month') }} as lost_months,
        hanging.units_per_month,
        hanging.margin_per_month
    from ranked
    cross join cycle
    inner join safety_stocks
        on
            ranked.item_id = safety_stocks.item_id
            and ranked.site_id = safety_stocks.site_id
    inner join hanging
        on
            hanging.object_type = 'item_site'
            and ranked.item_id || '@' || ranked.site_id = hanging.object_id
    where
        ranked.choice = 1
        and ranked.lead_time_months > cycle.frozen_months
        and safety_stocks.error_origins > 0

)

select
    'long_lead_time' as risk_kind,
    'item_site' as object_type,
    beyond.item_id || '@' || beyond.site_id as object_id,
    cycle.cycle_start_date as period_start_date,
    'tested_forecasts' as likelihood_basis,
    beyond.short_origins as hit_count,
    beyond.error_origins as chance_count,
    {{ ratio('beyond.short_origins', 'beyond.error_origins') }} as likelihood_ratio,
    'hanging_demand' as impact_basis,
    {{ product('coalesce(beyond.lost_months, 0)', 'beyond.units_per_month', 'decimal(18,3)') }} as impact_units,
    {{ product('coalesce(beyond.lost_months, 0)', 'beyond.margin_per_month') }} as impact_margin
from beyond
cross join cycle
