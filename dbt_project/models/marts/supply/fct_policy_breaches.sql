{#- What rounding a plan to thousandths leaves is no breach. -#}
{%- set noise = 0.01 -%}
with

shares as (select * from {{ source('planning', 'source_shares') }}),

storage as (select * from {{ source('planning', 'storage_use') }}),

stock as (select * from {{ source('planning', 'stock_plan') }}),

lot_orders as (select * from {{ source('planning', 'lot_orders') }}),

capacity_use as (select * from {{ source('planning', 'capacity_use') }}),

source_loads as (select * from {{ ref('fct_source_loads') }}),

resources as (select * from {{ ref('dim_resources') }}),

-- Hours that orders in lots take beyond those of the releases; less where earlier lots cover a month.
hours_of_lots as (

    select
        lot_orders.scenario_id,
        source_loads.resource_id,
        lot_orders.period_start_date,
        sum({{ product('lot_orders.ordered_units - lot_orders.released_units', 'source_loads.hours_per_unit') }}) as extra_hours
    from lot_orders
    inner join source_loads on lot_orders.source_id = source_loads.source_id
    group by lot_orders.scenario_id, source_loads.resource_id, lot_orders.period_start_date

),

loads as (

    select
        capacity_use.cycle_id,
        capacity_use.scenario_id,
        capacity_use.resource_id,
        resources.site_id,
        capacity_use.period_start_date,
        capacity_use.regular_hours + capacity_use.overtime_maximum_hours as available_hours,
        capacity_use.used_hours + hours_of_lots.extra_hours as hours_in_lots
    from capacity_use
    inner join hours_of_lots
        on
            capacity_use.scenario_id = hours_of_lots.scenario_id
            and capacity_use.resource_id = hours_of_lots.resource_id
            and capacity_use.period_start_date = hours_of_lots.period_start_date
    inner join resources on capacity_use.resource_id = resources.resource_id

),

-- Above one share is below another: the missing units of a month are told once, with the source that falls short.
breaches as (

    select
        cycle_id,
        scenario_id,
        'share' as policy_type,
        source_id as object_id,
        item_id,
        site_id,
        period_start_date,
        item_site_units as base_quantity,
        below_share_units as missed_quantity
    from shares
    where below_share_units > {{ noise }}

    union all

    select
        cycle_id,
        scenario_id,
        'storage_room' as policy_type,
        site_id || '/' || capacity_unit as object_id,
        'all' as item_id,
        site_id,
        period_start_date,
        available_capacity as base_quantity,
        outside_capacity as missed_quantity
    from storage
    where outside_capacity > {{ noise }}

    union all

    select
        cycle_id,
        scenario_id,
        'shelf_life' as policy_type,
        item_id || '@' || site_id as object_id,
        item_id,
        site_id,
        period_start_date,
        closing_units as base_quantity,
        too_old_units as missed_quantity
    from stock
    where too_old_units > {{ noise }}

    union all

    select
        cycle_id,
        scenario_id,
        'smallest_lot' as policy_type,
        source_id as object_id,
        item_id,
        site_id,
        period_start_date,
        minimum_lot_units as base_quantity,
        minimum_lot_units - released_units as missed_quantity
    from lot_orders
    where released_units > {{ noise }} and minimum_lot_units - released_units > {{ noise }}

    union all

    select
        cycle_id,
        scenario_id,
        'lot_hours' as policy_type,
        resource_id as object_id,
        'all' as item_id,
        site_id,
        period_start_date,
        available_hours as base_quantity,
        hours_in_lots - available_hours as missed_quantity
    from loads
    where hours_in_lots - available_hours > {{ noise }}

),

measured as (

    select
        breaches.*,
        {{ ratio('missed_quantity', 'base_quantity') }} as missed_ratio
    from breaches

)

{{ select_contract('measured') }}
