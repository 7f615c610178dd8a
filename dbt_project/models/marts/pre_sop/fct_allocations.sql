with

allocations as (select * from {{ source('planning', 'allocations') }}),

items as (select * from {{ ref('dim_items') }}),

named as (

    select
        allocations.cycle_id,
        allocations.scenario_id,
        allocations.item_id,
        items.item_name,
        items.family_id,
        allocations.site_id,
        allocations.channel_id,
        allocations.period_start_date,
        allocations.allocation_rule,
        allocations.priority,
        allocations.requested_units,
        allocations.allocated_units,
        allocations.backlog_units,
        allocations.lost_units,
        allocations.short_ratio
    from allocations
    inner join items on allocations.item_id = items.item_id

)

{{ select_contract('named') }}
