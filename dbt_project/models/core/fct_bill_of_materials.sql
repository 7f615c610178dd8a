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

-- Of one component's lines the latest start counts, where validities overlap; lines from the same day add up.
followed as (
    select
        in_force.*,
        max(coalesce(valid_from_date, {{ first_day_of_all() }})) over (
            partition by parent_item_id, site_id, bom_alternative_id, component_item_id
        ) as latest_start
    from in_force
),

current_lines as (
    select * from followed
    where coalesce(valid_from_date, {{ first_day_of_all() }}) = latest_start
),

with_scrap as (
    select
        current_lines.parent_item_id,
        current_lines.site_id,
        current_lines.component_item_id,
        {{ ratio('current_lines.component_units', '1 - current_lines.scrap_ratio') }} as component_units
    from current_lines
    inner join default_alternatives
        on current_lines.parent_item_id = default_alternatives.parent_item_id
        and current_lines.site_id = default_alternatives.site_id
        and current_lines.bom_alternative_id = default_alternatives.bom_alternative_id
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
