with orders as (

    select * from {{ source('erpnext', 'sales_order') }}
    where docstatus > 0

),

{{ replaced_documents('sales_order') }},

order_lines as (

    -- What went out, whether it came back or not.
    select
        sales_order_item.*,
        coalesce(delivered_qty, 0) + coalesce(returned_qty, 0) as shipped_qty
    from {{ source('erpnext', 'sales_order_item') }} as sales_order_item
    where not coalesce(delivered_by_supplier, false)

),

deliveries as (

    select * from {{ ref('base_erpnext__deliveries') }}
    where is_own_order

),

customers as (

    select * from {{ source('erpnext', 'customer') }}

),

channels as (

    select * from {{ ref('base_erpnext__channels') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

supplement as (

    select * from {{ source('erpnext', 'supplement_sales_order_lines') }}

),

ordered as (

    select
        order_lines.parent as order_id,
        cast(order_lines.idx as varchar) as line_id,
        'order' as order_type,
        orders.customer,
        orders.customer_group,
        coalesce(item_codes.item_id, order_lines.item_code) as item_id,
        order_lines.warehouse,
        orders.transaction_date as ordered_date,
        coalesce(supplement.requested_date, order_lines.delivery_date) as requested_date,
        coalesce(supplement.confirmed_date, order_lines.delivery_date) as confirmed_date,
        -- Closed: the rest is not wanted any more; what was delivered of the line was.
        case
            when orders.status = 'Closed' and order_lines.shipped_qty > 0 and order_lines.shipped_qty < order_lines.qty
                then {{ ratio('order_lines.shipped_qty', 'order_lines.qty', 'double precision') }}
            else 1
        end as wanted_share,
        {{ stock_units('order_lines', 'item_codes') }} as ordered_units,
        {{ product('order_lines.shipped_qty', 'order_lines.conversion_factor', 'decimal(18,3)') }} as delivered_units,
        {{ stock_unit_price('order_lines.net_rate', 'order_lines.conversion_factor') }} as unit_price,
        cast(order_lines.net_amount as decimal(18, 4)) as net_amount,
        orders.currency as currency_code,
        orders.docstatus = 2
        or coalesce(supplement.is_cancelled, false)
        or (coalesce(orders.status, '') = 'Closed' and order_lines.shipped_qty = 0) as is_cancelled,
        {{ first_pricing_rule('order_lines.pricing_rules') }} as activity_id,
        orders.modified as changed_at,
        order_lines.source_file_sha256,
        order_lines.source_row_number
    from order_lines
    inner join orders on order_lines.parent = orders.name
    left join replaced on orders.name = replaced.name
    left join item_codes on order_lines.item_code = item_codes.item_code
    left join supplement
        on order_lines.parent = supplement.order_id
        and cast(order_lines.idx as varchar) = supplement.line_id
    where replaced.name is null and {{ is_of_goods('item_codes') }}

),

-- A delivery that no order stands behind, and a return, is wanted on its own day.
unordered as (

    select
        delivery_id as order_id,
        line_id,
        case when is_return then 'return' else 'order' end as order_type,
        customer,
        customer_group,
        item_id,
        warehouse,
        posting_date as ordered_date,
        posting_date as requested_date,
        posting_date as confirmed_date,
        1 as wanted_share,
        delivered_units as ordered_units,
        delivered_units,
        unit_price,
        net_amount,
        currency as currency_code,
        false as is_cancelled,
        activity_id,
        modified as changed_at,
        source_file_sha256,
        source_row_number
    from deliveries

),

lines as (

    select * from ordered
    union all
    select * from unordered

),

final as (

    select
        lines.order_id,
        lines.line_id,
        lines.order_type,
        lines.customer as customer_id,
        channels.channel_id,
        lines.item_id,
        warehouses.site_id,
        lines.ordered_date,
        lines.requested_date,
        lines.confirmed_date,
        lines.requested_date as demand_date,
        lines.requested_date as recorded_demand_date,
        {{ product('lines.ordered_units', 'lines.wanted_share', 'decimal(18,3)') }} as ordered_units,
        lines.unit_price,
        {{ product('lines.net_amount', 'lines.wanted_share') }} as net_amount,
        lines.currency_code,
        lines.is_cancelled,
        lines.activity_id,
        lines.changed_at,
        lines.delivered_units,
        lines.source_file_sha256,
        lines.source_row_number
    from lines
    left join customers on lines.customer = customers.name
    left join channels on coalesce(lines.customer_group, customers.customer_group) = channels.customer_group
    left join warehouses on lines.warehouse = warehouses.warehouse

)

select * from final
