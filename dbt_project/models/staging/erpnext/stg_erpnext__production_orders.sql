with work_orders as (

    select * from {{ source('erpnext', 'work_order') }}
    where docstatus > 0

),

{{ replaced_documents('work_order') }},

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

final as (

    select
        work_orders.name as production_order_id,
        coalesce(item_codes.item_id, work_orders.production_item) as item_id,
        warehouses.site_id,
        {{ stock_units('work_orders', 'item_codes', 'qty') }} as ordered_units,
        {{ stock_units('work_orders', 'item_codes', 'produced_qty') }} as completed_units,
        cast(coalesce({{ stock_units('work_orders', 'item_codes', 'process_loss_qty') }}, 0) as decimal(18, 3))
            as scrapped_units,
        coalesce(work_orders.actual_start_date, work_orders.planned_start_date) as start_date,
        coalesce(work_orders.planned_end_date, work_orders.expected_delivery_date, work_orders.planned_start_date)
            as due_date,
        case when work_orders.status = 'Completed' then work_orders.actual_end_date end as completed_date,
        case
            when work_orders.docstatus = 2 then 'cancelled'
            when work_orders.status in ('Completed', 'Stopped', 'Closed') then 'closed'
            else 'open'
        end as order_status,
        work_orders.source_file_sha256,
        work_orders.source_row_number
    from work_orders
    left join replaced on work_orders.name = replaced.name
    left join warehouses on work_orders.fg_warehouse = warehouses.warehouse
    left join item_codes on work_orders.production_item = item_codes.item_code
    where replaced.name is null and {{ is_of_goods('item_codes') }}

)

select * from final
