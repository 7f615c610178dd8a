{{ config(store_failures=true, schema='findings') }}
-- An item that is needed to make itself can never be planned: correct the bill of one item on the path.
with recursive components as (
    select distinct
        parent_item_id,
        site_id,
        component_item_id
    from {{ ref('fct_bill_of_materials') }}
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

-- Only items on a cycle are walked.
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

-- How far each item is from each, over items that come after the first in order, so that a way round is told once, by its
-- least item. Again pairs, now with their distance, of which there are no more than 20.
distances as (
    select
        parent_item_id as first_item_id,
        site_id,
        component_item_id as last_item_id,
        1 as distance
    from steps
    where component_item_id >= parent_item_id
    union
    select
        distances.first_item_id,
        distances.site_id,
        steps.component_item_id as last_item_id,
        distances.distance + 1 as distance
    from distances
    inner join steps
        on distances.last_item_id = steps.parent_item_id
        and distances.site_id = steps.site_id
    where
        distances.distance < 20
        and distances.first_item_id <> distances.last_item_id
        and steps.component_item_id >= distances.first_item_id
),

shortest as (
    select
        first_item_id,
        site_id,
        last_item_id,
        min(distance) as distance
    from distances
    group by first_item_id, site_id, last_item_id
),

-- The item before, on one shortest way: of several the least.
before as (
    select
        shortest.first_item_id,
        shortest.site_id,
        shortest.last_item_id,
        min(steps.parent_item_id) as item_before_id
    from shortest
    inner join steps
        on shortest.last_item_id = steps.component_item_id
        and shortest.site_id = steps.site_id
    left join shortest as nearer
        on shortest.first_item_id = nearer.first_item_id
        and shortest.site_id = nearer.site_id
        and steps.parent_item_id = nearer.last_item_id
    where
        shortest.distance = nearer.distance + 1 and nearer.last_item_id <> nearer.first_item_id
        or shortest.distance = 1 and steps.parent_item_id = shortest.first_item_id
    group by shortest.first_item_id, shortest.site_id, shortest.last_item_id
),

-- From the end back to the start, one row a step.
ways as (
    select
        first_item_id,
        site_id,
        item_before_id as reached_item_id,
        item_before_id || ' > ' || last_item_id as path
    from before
    where first_item_id = last_item_id
    union all
    select
        ways.first_item_id,
        ways.site_id,
        before.item_before_id as reached_item_id,
        before.item_before_id || ' > ' || ways.path as path
    from ways
    inner join before
        on ways.first_item_id = before.first_item_id
        and ways.site_id = before.site_id
        and ways.reached_item_id = before.last_item_id
    where ways.reached_item_id <> ways.first_item_id
),

rounds as (
    select site_id, path from ways
    where reached_item_id = first_item_id
),

-- A way round of more than 20 steps is told by its least item alone.
long_rounds as (
    select
        circular.site_id,
        min(circular.item_id) as item_id
    from circular
    left join rounds on circular.site_id = rounds.site_id
    where rounds.site_id is null
    group by circular.site_id
)

select site_id, path from rounds
union all
select site_id, item_id || ' > ... > ' || item_id || ' (more than 20 steps)' as path from long_rounds
