{{ config(materialized='table') }}

with order_lines as (
    select
        *,
        {{ odoo_place('order_id', 'id') }} as place
    from {{ source('odoo', 'sale_order_line') }}
),

orders as (
    select * from {{ source('odoo', 'sale_order') }}
),

{{ odoo_named_by_lines() }},

teams as (
    select * from {{ source('odoo', 'crm_team') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_sales_order_lines') }}
),

deliveries as (
    select
        sale_line_id,
        count(*) as moves,
        sum(case when state = 'done' then 1 else 0 end) as moves_done,
        sum(case when state = 'cancel' then 1 else 0 end) as moves_cancelled,
        sum(case when state not in ('done', 'cancel') then 1 else 0 end) as moves_open,
        max(promised_date) as promised_date
    from {{ ref('base_odoo__moves') }}
    where sale_line_id is not null and (to_usage = 'customer' or from_usage = 'customer') and origin_returned_move_id is null
    group by sale_line_id
),

placed as (
    select
        order_lines.*,
        orders.name as order_name,
        orders.state,
        orders.date_order,
        orders.commitment_date,
        orders.partner_id,
        orders.team_id,
        orders.company_id,
        orders.currency_id,
        coalesce(order_lines.warehouse_id, orders.warehouse_id) as served_from_warehouse_id,
        coalesce(order_lines.product_uom_id, order_lines.product_uom) as uom_id
    from order_lines
    inner join orders on order_lines.order_id = orders.id
    where
        order_lines.display_type is null
        and not coalesce(order_lines.is_downpayment, false)
        and orders.state in ('sale', 'done', 'cancel')
)

select
    placed.id as sale_line_id,
    placed.order_name as order_id,
    cast(placed.place as varchar) as line_id,
    placed.product_id,
    coalesce(items.item_id, cast(placed.product_id as varchar)) as item_id,
    partners.partner_code as customer_id,
    {{ odoo_name('teams.name') }} as channel_id,
    warehouses.site_id,
    warehouses.warehouse_id,
    {{ odoo_day('placed.date_order', 'companies.time_zone') }} as ordered_date,
    -- Without a promised day the goods leave customer_lead days after the order.
    coalesce(
        {{ odoo_day('placed.commitment_date', 'companies.time_zone') }},
        cast({{ dbt.dateadd('day', 'cast(coalesce(placed.customer_lead, 0) as integer)', odoo_day('placed.date_order', 'companies.time_zone')) }} as date)
    ) as requested_date,
    deliveries.promised_date as confirmed_date,
    placed.product_uom_qty < 0 as is_return,
    {{ to_base_units('abs(placed.product_uom_qty)', 'factors.numerator', 'factors.denominator') }} as ordered_units,
    -- The net price as it was agreed: without tax where the price includes it, after discount.
    case
        when placed.product_uom_qty <> 0
            then {{ rounded('cast(placed.price_subtotal * factors.denominator as double precision) / cast(placed.product_uom_qty * factors.numerator as double precision)', 'decimal(18,6)') }}
        else {{ product('placed.price_unit * factors.denominator', '(1 - cast(coalesce(placed.discount, 0) as double precision) / 100.0) / cast(factors.numerator as double precision)', 'decimal(18,6)') }}
    end as unit_price,
    abs(placed.price_subtotal) as net_amount,
    currencies.name as currency_code,
    placed.state = 'cancel' as is_order_cancelled,
    coalesce(deliveries.moves, 0) as moves,
    coalesce(deliveries.moves_done, 0) as moves_done,
    coalesce(deliveries.moves_cancelled, 0) as moves_cancelled,
    coalesce(deliveries.moves_open, 0) as moves_open,
    supplement.activity_id,
    {{ to_base_units('abs(placed.qty_delivered)', 'factors.numerator', 'factors.denominator') }} as delivered_units,
    {{ to_base_units('abs(placed.qty_invoiced)', 'factors.numerator', 'factors.denominator') }} as invoiced_units,
    placed.write_date as changed_at,
    placed.source_file_sha256,
    placed.source_row_number
from placed
left join items on placed.product_id = items.product_id
left join factors on placed.product_id = factors.product_id and placed.uom_id = factors.uom_id
left join partners on placed.partner_id = partners.partner_id
left join warehouses on placed.served_from_warehouse_id = warehouses.warehouse_id
left join teams on placed.team_id = teams.id
left join currencies on placed.currency_id = currencies.id
left join companies on placed.company_id = companies.company_id
left join deliveries on placed.id = deliveries.sale_line_id
left join supplement
    on placed.order_name = supplement.order_id
    and cast(placed.place as varchar) = supplement.line_id
where
    not coalesce(items.is_service, false)
    -- A cancelled quotation was never an order: only what was confirmed has movements.
    and (placed.state <> 'cancel' or deliveries.moves > 0)
