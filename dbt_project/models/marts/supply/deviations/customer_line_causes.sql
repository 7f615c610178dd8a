-- Order lines due by the day the customer asked for; a line that was served has the cause `served`.
with

order_lines as (select * from {{ ref('fct_order_lines') }}),

demand_history as (select * from {{ ref('fct_demand_history') }}),

empty_shelves as (

    select
        item_id,
        site_id,
        period_start_date,
        max(stock_out_days) as stock_out_days
    from demand_history
    group by item_id, site_id, period_start_date

),

customer_lines as (

    select
        order_lines.order_id || '/' || order_lines.line_id as evidence_id,
        order_lines.item_id,
        {{ month_of('order_lines.requested_date') }} as period_start_date,
        order_lines.site_id,
        order_lines.channel_id,
        order_lines.ordered_units,
        order_lines.shipped_units,
        order_lines.shipped_by_requested_units,
        order_lines.confirmed_date > order_lines.requested_date as is_promised_late,
        coalesce(empty_shelves.stock_out_days, 0) as stock_out_days
    from order_lines
    left join empty_shelves
        on
            order_lines.item_id = empty_shelves.item_id
            and order_lines.site_id = empty_shelves.site_id
            and {{ month_of('order_lines.requested_date') }} = empty_shelves.period_start_date
    where order_lines.order_type = 'order' and not order_lines.is_cancelled

),

customer_causes as (

    select
        'customer_otif' as metric,
        'order lines' as unit,
        period_start_date,
        site_id,
        item_id,
        evidence_id,
        channel_id as object_id,
        case
            when shipped_by_requested_units >= ordered_units then 'served'
            when stock_out_days > 0 then 'out_of_stock'
            when shipped_units <= 0 then 'never_shipped'
            when is_promised_late then 'promised_late'
            when shipped_by_requested_units > 0 then 'shipped_short'
            else 'shipped_late'
        end as cause,
        cast(case when shipped_by_requested_units >= ordered_units then 0 else 1 end as decimal(18, 3)) as gap_quantity,
        cast(1 as decimal(18, 3)) as due_quantity
    from customer_lines

)

select * from customer_causes
