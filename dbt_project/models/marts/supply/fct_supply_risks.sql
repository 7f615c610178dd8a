with

cycle as (select * from {{ ref('dim_cycle') }}),

actions as (select * from {{ source('planner', 'actions') }}),

events as (select * from {{ source('planner', 'events') }}),

resources as (select * from {{ ref('dim_resources') }}),

suppliers as (select * from {{ ref('dim_suppliers') }}),

items as (select * from {{ ref('dim_items') }}),

sources as (select * from {{ ref('fct_sources') }}),

source_names as (
    {{ named_sources() }}
),

risks as (
    {%- for kind in risk_kinds() %}
    select {{ risk_columns() | join(', ') }} from {{ ref('risk_' ~ kind) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- What was never measured has no likelihood and no score; it stands last.
scored as (

    select
        risks.risk_kind || ':' || risks.object_id as risk_id,
        risks.*,
        {{ product('risks.likelihood_ratio', 'risks.impact_margin') }} as score_margin
    from risks

),

answered as (

    select
        risk_id,
        action_id,
        action_name,
        owner,
        row_number() over (partition by risk_id order by due_date, action_id) as turn
    from actions
    where action_status in ('open', 'in_progress') and risk_id is not null

),

supply_risks as (

    select
        cycle.cycle_id,
        scored.risk_id,
        scored.risk_kind,
        scored.object_type,
        scored.object_id,
        coalesce(
            case when scored.object_type = 'resource' then resources.resource_name end,
            case when scored.object_type = 'supplier' then suppliers.supplier_name end,
            case when scored.object_type = 'event' then events.event_name end,
            source_names.source_name,
            items.item_name || ' at ' || {{ site_of_item_site('scored.object_id') }},
            scored.object_id
        ) as object_name,
        scored.period_start_date,
        scored.likelihood_basis,
        scored.hit_count,
        scored.chance_count,
        scored.likelihood_ratio,
        scored.impact_basis,
        scored.impact_units,
        scored.impact_margin,
        scored.score_margin,
        row_number() over (
            order by
                case when scored.score_margin is null then 1 else 0 end,
                scored.score_margin desc,
                scored.impact_margin desc,
                scored.risk_id
        ) as risk_rank,
        answered.action_id,
        answered.action_name,
        coalesce(answered.owner, events.owner) as owner
    from scored
    cross join cycle
    left join answered on scored.risk_id = answered.risk_id and answered.turn = 1
    left join events on scored.object_type = 'event' and scored.object_id = events.event_id
    left join resources on scored.object_type = 'resource' and scored.object_id = resources.resource_id
    left join suppliers on scored.object_type = 'supplier' and scored.object_id = suppliers.supplier_id
    left join source_names on scored.object_id = source_names.source_id
    left join items
        on
            scored.object_type in ('item_site', 'material', 'storage')
            and {{ item_of_item_site('scored.object_id') }} = items.item_id

)

{{ select_contract('supply_risks') }}
