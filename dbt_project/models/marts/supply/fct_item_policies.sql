with

cycle as (select * from {{ ref('dim_cycle') }}),

item_policies as (select * from {{ source('planner', 'item_policies') }}),

final as (

    select
        cycle.cycle_id,
        item_policies.item_id,
        item_policies.site_id,
        item_policies.order_strategy,
        item_policies.source_type,
        item_policies.source_object_id,
        item_policies.share_ratio,
        item_policies.owner,
        sum(item_policies.share_ratio) over (partition by item_policies.item_id, item_policies.site_id) as shares_of_item_site
    from item_policies
    cross join cycle

)

{{ select_contract('final') }}
