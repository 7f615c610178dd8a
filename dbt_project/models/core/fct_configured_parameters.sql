{#- Each kind of parameter is one select: its name, the object that carries it, its value. A new kind is a select here, one in
    fct_parameter_observations, and a line of planning/supply/parameters. -#}
{%- set no_id = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
with

cycle as (select * from {{ ref('dim_cycle') }}),

item_sites as (select * from {{ ref('item_sites') }}),

supplier_items as (select * from {{ ref('supplier_items') }}),

lanes as (select * from {{ ref('lanes') }}),

component_use as (select * from {{ ref('fct_component_use') }}),

routing_operations as (select * from {{ ref('routing_operations') }}),

decisions as (select * from {{ source('planner', 'parameter_decisions') }}),

operations as (
    {{ default_operations() }}
),

yields as (

    select
        item_id,
        site_id,
        {{ rounded('exp(sum(ln(cast(yield_ratio as double precision))))', 'decimal(18,6)') }} as yield_ratio
    from operations
    group by item_id, site_id

),

made as (

    select *
    from item_sites
    where procurement_type in ('make', 'both')

),

parameters as (
    {% for parameter_id, unit, column in [
        ('lead_time_days', 'days', 'make_lead_time_days'),
        ('lot_minimum_units', 'base units', 'lot_minimum_units'),
        ('lot_multiple_units', 'base units', 'lot_multiple_units'),
    ] %}
    select
        '{{ parameter_id }}' as parameter_id,
        {{ make_source_id('made.item_id', 'made.site_id') }} as object_id,
        'make' as object_type,
        '{{ unit }}' as unit,
        made.item_id,
        made.site_id,
        {{ no_id }} as supplier_id,
        {{ no_id }} as resource_id,
        {{ no_id }} as operation_number,
        made.{{ column }} as configured_value
    from made

    union all
    {% endfor %}
    select
        'yield_ratio' as parameter_id,
        {{ make_source_id('made.item_id', 'made.site_id') }} as object_id,
        'make' as object_type,
        'ratio' as unit,
        made.item_id,
        made.site_id,
        {{ no_id }} as supplier_id,
        {{ no_id }} as resource_id,
        {{ no_id }} as operation_number,
        yields.yield_ratio as configured_value
    from made
    inner join yields
        on
            made.item_id = yields.item_id
            and made.site_id = yields.site_id

    union all

    select
        'run_hours_per_unit' as parameter_id,
        {{ operation_id('operations.item_id', 'operations.site_id', 'operations.operation_number') }} as object_id,
        'operation' as object_type,
        'hours per base unit' as unit,
        operations.item_id,
        operations.site_id,
        {{ no_id }} as supplier_id,
        operations.resource_id,
        operations.operation_number,
        nullif(operations.run_hours_per_unit, 0) as configured_value
    from operations
    inner join made
        on
            operations.item_id = made.item_id
            and operations.site_id = made.site_id

    union all

    {% for parameter_id, unit, value in [
        ('lead_time_days', 'days', 'supplier_items.lead_time_days'),
        ('minimum_order_units', 'base units', 'case when supplier_items.is_in_base_uom then supplier_items.minimum_order_units end'),
        ('lot_multiple_units', 'base units', 'case when supplier_items.is_in_base_uom then supplier_items.lot_multiple_units end'),
    ] %}
    select
        '{{ parameter_id }}' as parameter_id,
        {{ buy_source_id('supplier_items.item_id', 'supplier_items.site_id', 'supplier_items.supplier_id') }} as object_id,
        'buy' as object_type,
        '{{ unit }}' as unit,
        supplier_items.item_id,
        supplier_items.site_id,
        supplier_items.supplier_id,
        {{ no_id }} as resource_id,
        {{ no_id }} as operation_number,
        {{ value }} as configured_value
    from supplier_items
    where supplier_items.is_active

    union all
    {% endfor %}
    select
        'lead_time_days' as parameter_id,
        lane_id as object_id,
        'lane' as object_type,
        'days' as unit,
        {{ no_id }} as item_id,
        to_site_id as site_id,
        {{ no_id }} as supplier_id,
        {{ no_id }} as resource_id,
        {{ no_id }} as operation_number,
        lead_time_days as configured_value
    from lanes

    union all

    {% for parameter_id, unit in [('safety_stock_units', 'base units'), ('safety_time_days', 'days')] %}
    select
        '{{ parameter_id }}' as parameter_id,
        item_id || '@' || site_id as object_id,
        'item_site' as object_type,
        '{{ unit }}' as unit,
        item_id,
        site_id,
        {{ no_id }} as supplier_id,
        {{ no_id }} as resource_id,
        {{ no_id }} as operation_number,
        {{ parameter_id }} as configured_value
    from item_sites

    union all
    {% endfor %}
    -- What the bills of all that was made of the component say, by how much of it they took.
    select
        'component_scrap_ratio' as parameter_id,
        item_id || '@' || site_id as object_id,
        'component' as object_type,
        'ratio' as unit,
        item_id,
        site_id,
        {{ no_id }} as supplier_id,
        {{ no_id }} as resource_id,
        {{ no_id }} as operation_number,
        1 - {{ ratio('sum(required_units)', 'sum(planned_units)') }} as configured_value
    from component_use
    group by item_id, site_id

),

decided as (

    select
        parameters.parameter_id,
        parameters.object_id,
        parameters.object_type,
        parameters.unit,
        parameters.item_id,
        parameters.site_id,
        parameters.supplier_id,
        parameters.resource_id,
        parameters.operation_number,
        cast(parameters.configured_value as decimal(18, 6)) as configured_value,
        case
            when decisions.decision is null then 'open'
            when decisions.decision = 'rejected' then 'rejected'
            when cast(parameters.configured_value as decimal(18, 6)) = decisions.accepted_value then 'entered'
            when cast(parameters.configured_value as decimal(18, 6)) = decisions.replaced_value then 'accepted'
            else 'lapsed'
        end as decision_state,
        decisions.accepted_value,
        decisions.reason as decision_reason,
        decisions.owner as decision_owner
    from parameters
    left join decisions
        on
            parameters.parameter_id = decisions.parameter_id
            and parameters.object_id = decisions.object_id
    where parameters.configured_value is not null

),

final as (

    select
        decided.*,
        decision_state = 'accepted'
        and parameter_id not in ('safety_stock_units', 'safety_time_days') as is_planned_with
    from decided

)

{{ select_contract('final') }}
