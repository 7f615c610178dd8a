{{ config(store_failures=true, schema='findings') }}
-- An item that is needed to make itself can never be planned. Each row is a way round, told as a path.
with recursive components as (
    select parent_item_id, site_id, component_item_id from {{ ref('fct_bill_of_materials') }}
),

-- Pairs, not paths: a set that grows no more ends the search, however the bill winds.
contained as (
    select parent_item_id, site_id, component_item_id from components
    union
    select
        contained.parent_item_id,
        contained.site_id,
        components.component_item_id
    from contained
    inner join components
        on contained.component_item_id = components.parent_item_id
        and contained.site_id = components.site_id
),

circular as (
    select parent_item_id as item_id, site_id from contained
    where parent_item_id = component_item_id
),

-- Only items on a cycle are walked, and no further than 20 steps.
steps as (
    select
        components.parent_item_id,
        components.site_id,
        components.component_item_id
    from components
    inner join circular as parents
        on components.parent_item_id = parents.item_id
        and components.site_id = parents.site_id
    inner join circular as children
        on components.component_item_id = children.item_id
        and components.site_id = children.site_id
),

paths as (
    select
        parent_item_id as first_item_id,
        site_id,
        component_item_id as last_item_id,
        parent_item_id || ' > ' || component_item_id as path,
        1 as depth
    from steps
    union all
    select
        paths.first_item_id,
        paths.site_id,
        steps.component_item_id as last_item_id,
        paths.path || ' > ' || steps.component_item_id as path,
        paths.depth + 1 as depth
    from paths
    inner join steps
        on paths.last_item_id = steps.parent_item_id
        and paths.site_id = steps.site_id
    where
        paths.depth < 20
        and paths.first_item_id < paths.last_item_id
)

select
    site_id,
    path
from paths
where first_item_id = last_item_id
