with

cycle as (select * from {{ ref('dim_cycle') }}),

events as (select * from {{ source('planner', 'events') }}),

items as (select * from {{ ref('dim_items') }}),

resources as (select * from {{ ref('dim_resources') }}),

economics as (select * from {{ ref('fct_unit_economics') }}),

-- What each scope reaches: items, or resources (of the company or a site both).
reached as (

    select 'item' as object_type, item_id as object_id, 'company' as scope, 'all' as scope_id from items
    union all
    select 'item', item_id, 'category', category_id from items
    union all
    select 'item', item_id, 'family', family_id from items
    union all
    select 'item', item_id, 'item', item_id from items
    union all
    select distinct 'item', item_id, 'site', site_id from economics
    union all
    select distinct 'item', item_id, 'channel', channel_id from economics
    union all
    select 'resource', resource_id, 'company', 'all' from resources
    union all
    select 'resource', resource_id, 'site', site_id from resources
    union all
    select 'resource', resource_id, 'resource', resource_id from resources

),

counted as (

    select
        scope,
        scope_id,
        sum(case when object_type = 'item' then 1 else 0 end) as reached_items,
        sum(case when object_type = 'resource' then 1 else 0 end) as reached_resources
    from reached
    group by scope, scope_id

),

final as (

    select
        cycle.cycle_id,
        events.event_id,
        events.event_origin,
        events.event_name,
        events.scope,
        events.scope_id,
        coalesce(counted.reached_items, 0) as reached_items,
        coalesce(counted.reached_resources, 0) as reached_resources,
        -- a figure of demand moves items, hours move resources
        case when events.metric = 'hours' then coalesce(counted.reached_resources, 0) else coalesce(counted.reached_items, 0) end > 0
            as is_resolved,
        events.first_period_start_date,
        events.last_period_start_date,
        events.metric,
        events.impact_low_value,
        events.impact_base_value,
        events.impact_high_value,
        events.probability_ratio,
        events.event_status,
        events.owner,
        case when events.event_status = 'cancelled' then 0 else {{ product('events.impact_base_value', 'events.probability_ratio', 'decimal(18,4)') }} end as expected_impact_value,
        events.last_period_start_date >= cycle.cycle_start_date
            and events.first_period_start_date < {{ months_after('cycle.cycle_start_date', 'cycle.horizon_months') }} as is_in_horizon
    from events
    cross join cycle
    left join counted on events.scope = counted.scope and events.scope_id = counted.scope_id

)

{{ select_contract('final') }}
