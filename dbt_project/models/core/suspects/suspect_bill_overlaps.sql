{#- Lines of a bill for one component whose validities overlap: the latest start counts (core.fct_bill_of_materials). -#}
with

cycle as (select * from {{ ref('dim_cycle') }}),

bom_lines as (select * from {{ ref('bom_lines') }}),

in_force as (

    select bom_lines.*
    from bom_lines
    cross join cycle
    where {{ in_force('cycle.cycle_start_date', 'bom_lines') }}

),

starts as (

    select
        parent_item_id,
        site_id,
        bom_alternative_id,
        component_item_id,
        count(distinct coalesce(valid_from_date, {{ first_day_of_all() }})) as different_starts,
        max(valid_from_date) as latest_start
    from in_force
    group by parent_item_id, site_id, bom_alternative_id, component_item_id

)

select
    'bill_lines_overlap' as check_id,
    parent_item_id || ' @ ' || site_id || ' ' || bom_alternative_id || ' > ' || component_item_id as object_id,
    cast(different_starts as decimal(18, 6)) as measured_value,
    cast(1 as decimal(18, 6)) as limit_value,
    'in force from ' || cast(different_starts as varchar) || ' different days; the line from '
    || cast(latest_start as varchar) || ' counts' as evidence
from starts
where different_starts > 1
