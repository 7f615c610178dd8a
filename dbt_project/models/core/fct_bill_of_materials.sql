with cycle as (
    select * from {{ ref('dim_cycle') }}
),

bom_lines as (
    select * from {{ ref('bom_lines') }}
),

in_force as (
    select bom_lines.*
    from bom_lines
    cross join cycle
    where {{ in_force('cycle.cycle_start_date', 'bom_lines') }}
),

default_alternatives as (
    select
        parent_item_id,
        site_id,
        min(bom_alternative_id) as bom_alternative_id
    from in_force
    group by parent_item_id, site_id
),

with_scrap as (
    select
        in_force.parent_item_id,
        in_force.site_id,
        in_force.component_item_id,
        {{ ratio('in_force.component_units', '1 - in_force.scrap_ratio') }} as component_units
    from in_force
    inner join default_alternatives
        on in_force.parent_item_id = default_alternatives.parent_item_id
        and in_force.site_id = default_alternatives.site_id
        and in_force.bom_alternative_id = default_alternatives.bom_alternative_id
),

components as (
    select
        parent_item_id,
        site_id,
        component_item_id,
        sum(component_units) as component_units
    from with_scrap
    group by parent_item_id, site_id, component_item_id
)

{{ select_contract('components') }}
