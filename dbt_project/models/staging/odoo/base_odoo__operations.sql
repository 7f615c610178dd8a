with operations as (
    select
        *,
        {{ odoo_place('bom_id', 'coalesce(sequence, 100), id') }} as place
    from {{ source('odoo', 'mrp_routing_workcenter') }}
    where coalesce(active, true)
),

bills as (
    select * from {{ ref('base_odoo__bills') }}
    where bom_type = 'normal'
),

workcenters as (
    select * from {{ ref('base_odoo__workcenters') }}
),

of_products as (
    select * from {{ source('odoo', 'mrp_workcenter_capacity') }}
),

-- An operation that is timed by its last work orders.
ranked_work as (
    select
        work_orders.operation_id,
        work_orders.duration,
        work_orders.qty_produced,
        operations.time_mode_batch,
        row_number() over (
            partition by work_orders.operation_id order by work_orders.date_finished desc, work_orders.id desc
        ) as recency
    from {{ source('odoo', 'mrp_workorder') }} as work_orders
    inner join operations on work_orders.operation_id = operations.id
    where work_orders.state = 'done' and work_orders.qty_produced > 0 and operations.time_mode = 'auto'
),

measured as (
    select
        operation_id,
        sum(duration) as minutes,
        sum(cast(qty_produced as double precision)) as pieces
    from ranked_work
    where recency <= coalesce(time_mode_batch, 10)
    group by operation_id
),

told as (
    select
        operations.id as operation_id,
        cast(operations.place as varchar) as operation_number,
        bills.bom_id,
        bills.item_id,
        bills.site_id,
        bills.bom_alternative_id,
        workcenters.workcenter_code,
        coalesce(nullif(of_products.capacity, 0), nullif(workcenters.default_capacity, 0), 1) as pieces_per_cycle,
        coalesce(nullif(workcenters.time_efficiency, 0), 100) as efficiency_percent,
        coalesce(of_products.time_start, workcenters.time_start, 0) + coalesce(of_products.time_stop, workcenters.time_stop, 0)
            as setup_minutes,
        operations.time_cycle_manual,
        measured.minutes as measured_minutes,
        measured.pieces as measured_pieces,
        operations.source_file_sha256,
        operations.source_row_number
    from operations
    inner join bills on operations.bom_id = bills.bom_id
    inner join workcenters on operations.workcenter_id = workcenters.id
    left join of_products
        on operations.workcenter_id = of_products.workcenter_id
        and bills.product_id = of_products.product_id
    left join measured on operations.id = measured.operation_id
)

-- Minutes of a cycle, of so many pieces, stretched by the efficiency of the work centre; set-up and clean-up are not.
select
    *,
    coalesce(
        cast(measured_minutes as double precision) / measured_pieces / 60.0,
        cast(time_cycle_manual * 100.0 as double precision) / (efficiency_percent * pieces_per_cycle) / 60.0
    ) as run_hours_per_unit,
    cast(setup_minutes as double precision) / 60.0 as setup_hours_per_lot
from told
