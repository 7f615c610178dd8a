with work_orders as (
    select
        *,
        {{ odoo_place('production_id', 'id') }} as place
    from {{ source('odoo', 'mrp_workorder') }}
),

orders as (
    select * from {{ ref('base_odoo__production_orders') }}
),

workcenters as (
    select * from {{ ref('base_odoo__workcenters') }}
)

select
    orders.production_order_id,
    cast(work_orders.place as varchar) as operation_number,
    workcenters.workcenter_code as resource_id,
    {{ odoo_day('work_orders.date_finished', 'orders.time_zone') }} as confirmed_date,
    {{ rounded('work_orders.duration / 60.0', 'decimal(18,4)') }} as confirmed_hours,
    work_orders.source_file_sha256,
    work_orders.source_row_number
from work_orders
inner join orders on work_orders.production_id = orders.production_id
left join workcenters on work_orders.workcenter_id = workcenters.id
where work_orders.state = 'done'
