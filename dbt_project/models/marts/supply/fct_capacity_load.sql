with

capacity_use as (select * from {{ source('planning', 'capacity_use') }}),

resources as (select * from {{ ref('dim_resources') }}),

capacity_load as (

    select
        capacity_use.cycle_id,
        capacity_use.scenario_id,
        capacity_use.resource_id,
        resources.resource_name,
        resources.resource_type,
        resources.capacity_basis,
        resources.site_id,
        capacity_use.period_start_date,
        capacity_use.regular_hours,
        capacity_use.overtime_maximum_hours,
        capacity_use.required_hours,
        capacity_use.used_hours,
        capacity_use.overtime_hours,
        {{ ratio('capacity_use.required_hours', 'capacity_use.regular_hours') }} as required_load_ratio,
        {{ ratio('capacity_use.used_hours', 'capacity_use.regular_hours') }} as utilisation_ratio,
        capacity_use.required_hours - capacity_use.regular_hours as gap_hours,
        capacity_use.shadow_price
    from capacity_use
    left join resources on capacity_use.resource_id = resources.resource_id

)

{{ select_contract('capacity_load') }}
