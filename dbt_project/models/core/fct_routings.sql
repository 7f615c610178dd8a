with cycle as (
    select * from {{ ref('dim_cycle') }}
),

routing_operations as (
    select * from {{ ref('routing_operations') }}
),

item_sites as (
    select * from {{ ref('item_sites') }}
),

production_orders as (
    select * from {{ ref('production_orders') }}
),

in_force as (
    select routing_operations.*
    from routing_operations
    cross join cycle
    where {{ in_force('cycle.cycle_start_date', 'routing_operations') }}
),

default_alternatives as (
    select
        item_id,
        site_id,
        min(routing_alternative_id) as routing_alternative_id
    from in_force
    group by item_id, site_id
),

dated_orders as (
    select
        item_id,
        site_id,
        ordered_units,
        coalesce(completed_date, due_date) as order_date,
        max(coalesce(completed_date, due_date)) over (partition by item_id, site_id) as last_order_date
    from production_orders
    where order_status <> 'cancelled'
),

-- The year up to the item's last order: lots grow with the business.
usual_orders as (
    select
        item_id,
        site_id,
        sum(ordered_units) as ordered_units,
        count(*) as orders
    from dated_orders
    where order_date > {{ months_after('last_order_date', -12) }}
    group by item_id, site_id
),

-- A setup is spread over the smallest lot; where none is kept, over the usual order; where there is none, not at all.
lots as (
    select
        default_alternatives.item_id,
        default_alternatives.site_id,
        default_alternatives.routing_alternative_id,
        coalesce(
            nullif(item_sites.lot_minimum_units, 0),
            nullif(item_sites.lot_multiple_units, 0),
            {{ ratio('usual_orders.ordered_units', 'usual_orders.orders', 'decimal(18,3)') }}
        ) as lot_units
    from default_alternatives
    left join item_sites
        on default_alternatives.item_id = item_sites.item_id
        and default_alternatives.site_id = item_sites.site_id
    left join usual_orders
        on default_alternatives.item_id = usual_orders.item_id
        and default_alternatives.site_id = usual_orders.site_id
),

-- Operation numbers are text: 20 comes before 100. A good unit needs more than one unit of the operations before a loss.
operations as (
    select
        in_force.item_id,
        in_force.site_id,
        in_force.resource_id,
        cast(in_force.run_hours_per_unit as double precision)
        + coalesce({{ ratio('in_force.setup_hours_per_lot', 'lots.lot_units', 'double precision') }}, 0) as hours_per_output_unit,
        sum(ln(cast(in_force.yield_ratio as double precision))) over (
            partition by in_force.item_id, in_force.site_id
            order by length(in_force.operation_number) desc, in_force.operation_number desc
            rows between unbounded preceding and current row
        ) - ln(cast(in_force.yield_ratio as double precision)) as log_later_yield,
        sum(ln(cast(in_force.yield_ratio as double precision))) over (
            partition by in_force.item_id, in_force.site_id
            order by length(in_force.operation_number), in_force.operation_number
            rows between unbounded preceding and unbounded following
        ) as log_yield
    from in_force
    inner join lots
        on in_force.item_id = lots.item_id
        and in_force.site_id = lots.site_id
        and in_force.routing_alternative_id = lots.routing_alternative_id
),

hours as (
    select
        item_id,
        site_id,
        resource_id,
        {{ rounded('hours_per_output_unit / exp(log_later_yield)', 'decimal(18,6)') }} as hours_per_unit,
        {{ rounded('exp(log_yield)', 'decimal(18,6)') }} as yield_ratio
    from operations
),

routings as (
    select
        item_id,
        site_id,
        resource_id,
        sum(hours_per_unit) as hours_per_unit,
        min(yield_ratio) as yield_ratio
    from hours
    group by item_id, site_id, resource_id
)

{{ select_contract('routings') }}
