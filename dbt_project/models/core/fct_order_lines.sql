with cycle as (
    select * from {{ ref('dim_cycle') }}
),

sales_order_lines as not materialized (
    select * from {{ ref('sales_order_lines') }}
),

shipment_lines as (
    select * from {{ ref('shipment_lines') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

-- Goods that left before the cycle: what leaves later is not in the opening stock's history either.
shipped as (
    select
        sales_order_lines.order_id,
        sales_order_lines.line_id,
        sum(shipment_lines.shipped_units) as shipped_units,
        sum(
            case when shipment_lines.shipped_date <= sales_order_lines.requested_date then shipment_lines.shipped_units else 0 end
        ) as shipped_by_requested_units,
        max(shipment_lines.shipped_date) as last_shipped_date
    from shipment_lines
    inner join sales_order_lines
        on shipment_lines.order_id = sales_order_lines.order_id
        and shipment_lines.order_line_id = sales_order_lines.line_id
        and shipment_lines.is_return = (sales_order_lines.order_type = 'return')
    inner join cycle on shipment_lines.shipped_date < cycle.cycle_start_date
    group by sales_order_lines.order_id, sales_order_lines.line_id
),

lines as (
    select
        sales_order_lines.order_id,
        sales_order_lines.line_id,
        sales_order_lines.order_type,
        sales_order_lines.item_id,
        sales_order_lines.site_id,
        sales_order_lines.customer_id,
        sales_order_lines.channel_id,
        sales_order_lines.ordered_date,
        sales_order_lines.requested_date,
        sales_order_lines.confirmed_date,
        sales_order_lines.demand_date,
        sales_order_lines.ordered_units,
        coalesce(shipped.shipped_units, 0) as shipped_units,
        coalesce(shipped.shipped_by_requested_units, 0) as shipped_by_requested_units,
        shipped.last_shipped_date,
        {{ in_company_currency('sales_order_lines.net_amount', 'fx_rates.rate') }} as net_amount,
        sales_order_lines.is_cancelled,
        sales_order_lines.order_type = 'order'
        and not sales_order_lines.is_cancelled
        and sales_order_lines.ordered_units > coalesce(shipped.shipped_units, 0) as is_open,
        sales_order_lines.activity_id,
        sales_order_lines.returned_order_id
    from sales_order_lines
    left join shipped
        on sales_order_lines.order_id = shipped.order_id
        and sales_order_lines.line_id = shipped.line_id
    cross join cycle
    left join fx_rates
        on sales_order_lines.currency_code = fx_rates.currency_code
        and {{ rate_day('sales_order_lines.demand_date', 'cycle') }} = fx_rates.rate_date
)

{{ select_contract('lines') }}
