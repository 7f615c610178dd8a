with operations as (

    select * from {{ source('adventureworks', 'work_order_routing') }}

),

work_orders as (

    select * from {{ source('adventureworks', 'work_order') }}

),

products as (

    select product_id, item_id from {{ ref('base_adventureworks__products') }}

),

company as (

    select site_id from {{ ref('base_adventureworks__company') }}

),

closed_orders as (

    select
        work_order_id,
        ordered_quantity,
        stocked_quantity,
        scrapped_quantity,
        end_date,
        max(end_date) over (partition by product_id) as last_end_date
    from work_orders
    where end_date is not null

),

last_year as (

    select * from closed_orders
    where end_date > {{ dbt.dateadd('month', -12, 'last_end_date') }}

),

-- Logged hours are one constant per work centre and work order, whatever the quantity: they are hours of a lot, and what
-- a unit takes follows from the usual lot.
measured as (

    select
        operations.product_id,
        operations.operation_sequence,
        operations.location_id,
        sum(operations.actual_resource_hours) as hours,
        count(*) as work_orders,
        sum(last_year.stocked_quantity) as stocked_quantity,
        sum(last_year.scrapped_quantity) as scrapped_quantity,
        min(operations.source_file_sha256) as source_file_sha256,
        min(operations.source_row_number) as source_row_number,
        max(operations.operation_sequence) over (partition by operations.product_id) as last_operation_sequence
    from operations
    inner join last_year on operations.work_order_id = last_year.work_order_id
    where operations.actual_resource_hours is not null
    group by operations.product_id, operations.operation_sequence, operations.location_id

),

final as (

    select
        coalesce(products.item_id, cast(measured.product_id as varchar)) as item_id,
        company.site_id,
        '1' as routing_alternative_id,
        cast(measured.operation_sequence as varchar) as operation_number,
        cast(measured.location_id as varchar) as resource_id,
        cast(0 as decimal(18, 6)) as run_hours_per_unit,
        {{ ratio('measured.hours', 'measured.work_orders') }} as setup_hours_per_lot,
        -- Scrap is counted on the work order as a whole: it stands at its last operation.
        {{ rounded('
            case
                when measured.operation_sequence = measured.last_operation_sequence
                    then cast(measured.stocked_quantity as double precision)
                        / nullif(measured.stocked_quantity + measured.scrapped_quantity, 0)
                else 1
            end
        ', 'decimal(18,6)') }} as yield_ratio,
        cast(null as date) as valid_from_date,
        cast(null as date) as valid_to_date,
        measured.source_file_sha256,
        cast(measured.source_row_number as integer) as source_row_number
    from measured
    cross join company
    left join products on measured.product_id = products.product_id

)

select * from final
