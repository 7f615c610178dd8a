-- What people plan, and what the ERP announces and nobody has planned, with the effect measured on past ones.
with

cycle as (select * from {{ ref('dim_cycle') }}),

planned as (select * from {{ source('planner', 'activity_plans') }}),

announced as (select * from {{ source('planning', 'activity_effects') }}),

plans as (

    select
        planned.activity_id,
        planned.item_id,
        planned.site_id,
        planned.channel_id,
        planned.period_start_date,
        'planner' as origin,
        planned.activity_type,
        planned.activity_name,
        planned.activity_status,
        planned.uplift_units,
        planned.confidence_ratio,
        planned.owner
    from planned

    union all

    select
        announced.activity_id,
        announced.item_id,
        announced.site_id,
        announced.channel_id,
        announced.period_start_date,
        'erp' as origin,
        announced.activity_type,
        announced.activity_id as activity_name,
        'confirmed' as activity_status,
        announced.uplift_units,
        cast(1 as decimal(18, 6)) as confidence_ratio,
        cast(null as varchar) as owner
    from announced
    where announced.effect_basis <> 'planned'

),

final as (

    select
        cycle.cycle_id,
        plans.activity_id,
        plans.item_id,
        plans.site_id,
        plans.channel_id,
        plans.period_start_date,
        plans.origin,
        plans.activity_type,
        plans.activity_name,
        plans.activity_status,
        plans.uplift_units,
        plans.confidence_ratio,
        case
            when plans.activity_status in ('planned', 'confirmed')
                then {{ product('plans.uplift_units', 'plans.confidence_ratio', 'decimal(18,3)') }}
            else 0
        end as expected_uplift_units,
        plans.owner
    from plans
    cross join cycle
    where plans.period_start_date >= cycle.cycle_start_date

)

{{ select_contract('final') }}
