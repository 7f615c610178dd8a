with work_orders as (

    select * from {{ source('adventureworks', 'work_order') }}

),

products as (

    select product_id, item_id from {{ ref('base_adventureworks__products') }}

),

company as (

    select site_id from {{ ref('base_adventureworks__company') }}

),

final as (

    select
        cast(work_orders.work_order_id as varchar) as production_order_id,
        coalesce(products.item_id, cast(work_orders.product_id as varchar)) as item_id,
        company.site_id,
        cast(work_orders.ordered_quantity as decimal(18, 3)) as ordered_units,
        cast(work_orders.stocked_quantity as decimal(18, 3)) as completed_units,
        cast(work_orders.scrapped_quantity as decimal(18, 3)) as scrapped_units,
        work_orders.start_date,
        work_orders.due_date,
        work_orders.end_date as completed_date,
        case when work_orders.end_date is null then 'open' else 'closed' end as order_status,
        work_orders.source_file_sha256,
        work_orders.source_row_number
    from work_orders
    cross join company
    left join products on work_orders.product_id = products.product_id

)

select * from final
