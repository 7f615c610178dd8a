{{ config(materialized='table') }}

with recursive items as (

    select * from {{ source('erpnext', 'item') }}

),

renames as (

    select * from {{ source('erpnext', 'supplement_item_renames') }}

),

-- Sets that are sold under a code without stock of its own.
bundles as (

    select distinct new_item_code from {{ source('erpnext', 'product_bundle') }}

),

-- A code may have been renamed more than once.
followed as (

    select
        old_item_id,
        new_item_id,
        1 as steps
    from renames

    union all

    select
        followed.old_item_id,
        renames.new_item_id,
        followed.steps + 1 as steps
    from followed
    inner join renames on followed.new_item_id = renames.old_item_id
    where followed.steps < 20

),

-- A code that is an item again is that item.
codes as (

    select
        name as item_code,
        name as item_id
    from items

    union all

    select
        followed.old_item_id as item_code,
        followed.new_item_id as item_id
    from followed
    inner join items as renamed on followed.new_item_id = renamed.name
    left join items on followed.old_item_id = items.name
    where items.name is null

),

final as (

    select
        codes.item_code,
        codes.item_id,
        items.stock_uom,
        bundles.new_item_code is not null and not items.is_stock_item as is_bundle,
        (items.is_stock_item or bundles.new_item_code is not null) and not items.has_variants as is_planned
    from codes
    inner join items on codes.item_id = items.name
    left join bundles on items.name = bundles.new_item_code

)

select * from final
