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

-- What people accepted of the review of parameters goes before what the ERP carries.
accepted as (
    select * from {{ ref('fct_configured_parameters') }}
    where is_planned_with
),

operations_in_force as (
    {{ operations_in_force() }}
),

numbered as (
    select
        operations_in_force.*,
        row_number() over (
            partition by item_id, site_id, routing_alternative_id
            order by length(operation_number) desc, operation_number desc
        ) as number_from_last
    from operations_in_force
),

-- An accepted yield is of the whole default routing: its last operation takes what it differs by.
in_force as (
    select
        numbered.item_id,
        numbered.site_id,
        numbered.routing_alternative_id,
        numbered.is_default,
        numbered.operation_number,
        numbered.resource_id,
        numbered.setup_hours_per_lot,
        coalesce(accepted_hours.accepted_value, numbered.run_hours_per_unit) as run_hours_per_unit,
        cast(numbered.yield_ratio as double precision) * case
            when numbered.number_from_last = 1 and accepted_yields.accepted_value is not null
                then cast(accepted_yields.accepted_value as double precision) / cast(accepted_yields.configured_value as double precision)
            else 1
        end as yield_ratio
    from numbered
    left join accepted as accepted_hours
        on {{ operation_id('numbered.item_id', 'numbered.site_id', 'numbered.operation_number') }} = accepted_hours.object_id
        and accepted_hours.parameter_id = 'run_hours_per_unit'
        and numbered.is_default
    left join accepted as accepted_yields
        on {{ make_source_id('numbered.item_id', 'numbered.site_id') }} = accepted_yields.object_id
        and accepted_yields.parameter_id = 'yield_ratio'
        and numbered.is_default
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

made as (
    select distinct
        item_id,
        site_id
    from in_force
),

-- A setup is spread over the smallest lot; where none is kept, over the usual order; where there is none, not at all.
lots as (
    select
        made.item_id,
        made.site_id,
        coalesce(
            nullif(accepted.accepted_value, 0),
            nullif(item_sites.lot_minimum_units, 0),
            nullif(accepted_multiples.accepted_value, 0),
            nullif(item_sites.lot_multiple_units, 0),
            {{ ratio('usual_orders.ordered_units', 'usual_orders.orders', 'decimal(18,3)') }}
        ) as lot_units
    from made
    left join item_sites
        on made.item_id = item_sites.item_id
        and made.site_id = item_sites.site_id
    left join accepted
        on {{ make_source_id('made.item_id', 'made.site_id') }} = accepted.object_id
        and accepted.parameter_id = 'lot_minimum_units'
    left join accepted as accepted_multiples
        on {{ make_source_id('made.item_id', 'made.site_id') }} = accepted_multiples.object_id
        and accepted_multiples.parameter_id = 'lot_multiple_units'
    left join usual_orders
        on made.item_id = usual_orders.item_id
        and made.site_id = usual_orders.site_id
),

-- Operation numbers are text: 20 comes before 100. A good unit needs more than one unit of the operations before a loss.
operations as (
    select
        in_force.item_id,
        in_force.site_id,
        in_force.routing_alternative_id,
        in_force.is_default,
        in_force.resource_id,
        cast(in_force.run_hours_per_unit as double precision) as run_hours_per_output_unit,
        coalesce({{ ratio('in_force.setup_hours_per_lot', 'lots.lot_units', 'double precision') }}, 0) as setup_hours_per_output_unit,
        sum(ln(cast(in_force.yield_ratio as double precision))) over (
            partition by in_force.item_id, in_force.site_id, in_force.routing_alternative_id
            order by length(in_force.operation_number) desc, in_force.operation_number desc
            rows between unbounded preceding and current row
        ) - ln(cast(in_force.yield_ratio as double precision)) as log_later_yield,
        sum(ln(cast(in_force.yield_ratio as double precision))) over (
            partition by in_force.item_id, in_force.site_id, in_force.routing_alternative_id
            order by length(in_force.operation_number), in_force.operation_number
            rows between unbounded preceding and unbounded following
        ) as log_yield
    from in_force
    inner join lots
        on in_force.item_id = lots.item_id
        and in_force.site_id = lots.site_id
),

hours as (
    select
        item_id,
        site_id,
        routing_alternative_id,
        is_default,
        resource_id,
        {{ rounded('(run_hours_per_output_unit + setup_hours_per_output_unit) / exp(log_later_yield)', 'decimal(18,6)') }} as hours_per_unit,
        {{ rounded('setup_hours_per_output_unit / exp(log_later_yield)', 'decimal(18,6)') }} as setup_hours_per_unit,
        {{ rounded('exp(log_yield)', 'decimal(18,6)') }} as yield_ratio
    from operations
),

routings as (
    select
        item_id,
        site_id,
        case when is_default then 'default' else routing_alternative_id end as routing_alternative_id,
        is_default,
        resource_id,
        sum(hours_per_unit) as hours_per_unit,
        sum(setup_hours_per_unit) as setup_hours_per_unit,
        min(yield_ratio) as yield_ratio
    from hours
    group by item_id, site_id, routing_alternative_id, is_default, resource_id
)

{{ select_contract('routings') }}
