with

cycle as (select * from {{ ref('dim_cycle') }}),

sources as (select * from {{ ref('fct_sources') }}),

source_inputs as (select * from {{ ref('fct_source_inputs') }}),

items as (select * from {{ ref('dim_items') }}),

planned as (

    select
        source_id,
        sum(released_units) as released_units
    from {{ source('planning', 'supply_plan') }}
    where scenario_id = 'base'
    group by source_id

),

-- Components of making, the item itself of moving, and of buying the supplier.
edges as (

    select
        sources.source_id,
        'component' as edge_type,
        source_inputs.item_id as from_item_id,
        source_inputs.site_id as from_site_id,
        source_inputs.units_per_unit
    from sources
    inner join source_inputs on sources.source_id = source_inputs.source_id
    where sources.source_type <> 'move'

    union all

    select
        source_id,
        'move' as edge_type,
        item_id as from_item_id,
        from_site_id,
        cast(1 as decimal(18, 6)) as units_per_unit
    from sources
    where source_type = 'move'

    union all

    select
        source_id,
        'purchase' as edge_type,
        item_id as from_item_id,
        coalesce(supplier_id, 'unknown') as from_site_id,
        cast(1 as decimal(18, 6)) as units_per_unit
    from sources
    where source_type = 'buy'

),

ranked as (

    select
        source_id,
        item_id,
        site_id,
        row_number() over (partition by item_id, site_id order by priority, source_id) = 1 as is_first_choice
    from sources

),

-- First choices feed each other from the items that customers buy downwards: fourteen steps are deeper than any bill.
main_level_0 as (

    select distinct
        ranked.item_id,
        ranked.site_id
    from ranked
    inner join items on ranked.item_id = items.item_id
    where items.is_saleable

),

{% for level in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14] %}
main_level_{{ level }} as (

    select item_id, site_id
    from main_level_{{ level - 1 }}

    union

    select
        edges.from_item_id as item_id,
        edges.from_site_id as site_id
    from main_level_{{ level - 1 }} as reached
    inner join ranked
        on
            reached.item_id = ranked.item_id
            and reached.site_id = ranked.site_id
            and ranked.is_first_choice
    inner join edges
        on
            ranked.source_id = edges.source_id
            and edges.edge_type <> 'purchase'

),

{% endfor %}
network_edges as (

    select
        cycle.cycle_id,
        edges.source_id,
        edges.edge_type,
        edges.from_item_id,
        edges.from_site_id,
        sources.item_id as to_item_id,
        sources.site_id as to_site_id,
        edges.units_per_unit,
        sources.lead_time_months,
        ranked.is_first_choice,
        edges.edge_type <> 'purchase' as is_internal,
        case when ranked.is_first_choice and reached.item_id is not null then 'main' else 'aux' end as chain,
        {{ product('edges.units_per_unit', 'coalesce(planned.released_units, 0)', 'decimal(18,3)') }} as planned_units
    from edges
    cross join cycle
    inner join sources on edges.source_id = sources.source_id
    inner join ranked on edges.source_id = ranked.source_id
    left join main_level_14 as reached
        on
            sources.item_id = reached.item_id
            and sources.site_id = reached.site_id
    left join planned on edges.source_id = planned.source_id

)

{{ select_contract('network_edges') }}
