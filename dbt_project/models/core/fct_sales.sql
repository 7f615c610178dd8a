with cycle as (
    select * from {{ ref('dim_cycle') }}
),

invoice_lines as (
    select * from {{ ref('invoice_lines') }}
),

shipments as (
    select * from {{ ref('fct_shipments') }}
),

sales_order_lines as (
    select * from {{ ref('sales_order_lines') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

unit_costs as (
    select * from {{ ref('fct_unit_costs') }}
),

invoicing as (
    select count(*) as invoice_lines from invoice_lines
),

invoiced as (
    select
        item_id,
        site_id,
        channel_id,
        invoiced_date as sold_date,
        invoiced_units as sold_units,
        net_amount,
        currency_code
    from invoice_lines
    where not coalesce(is_cancelled, false)
),

-- Where the system invoices nothing that we see, a shipment is a sale at the price of its order line.
shipped as (
    select
        shipments.item_id,
        shipments.site_id,
        shipments.channel_id,
        shipments.shipped_date as sold_date,
        case when shipments.is_return then -shipments.shipped_units else shipments.shipped_units end as sold_units,
        {{ product('case when shipments.is_return then -shipments.shipped_units else shipments.shipped_units end',
                   'sales_order_lines.unit_price') }} as net_amount,
        sales_order_lines.currency_code
    from shipments
    inner join sales_order_lines
        on shipments.order_id = sales_order_lines.order_id
        and shipments.order_line_id = sales_order_lines.line_id
    cross join invoicing
    where invoicing.invoice_lines = 0
),

sold as (
    select item_id, site_id, channel_id, sold_date, sold_units, net_amount, currency_code from invoiced
    union all
    select item_id, site_id, channel_id, sold_date, sold_units, net_amount, currency_code from shipped
),

priced as (
    select
        sold.item_id,
        sold.site_id,
        sold.channel_id,
        {{ month_of('sold.sold_date') }} as period_start_date,
        sold.sold_units,
        {{ in_company_currency('sold.net_amount', 'fx_rates.rate') }} as revenue
    from sold
    inner join cycle on sold.sold_date < cycle.cycle_start_date
    left join fx_rates
        on sold.currency_code = fx_rates.currency_code
        and sold.sold_date = fx_rates.rate_date
),

monthly as (
    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        sum(sold_units) as sold_units,
        sum(revenue) as revenue
    from priced
    group by item_id, site_id, channel_id, period_start_date
),

sales as (
    select
        monthly.item_id,
        monthly.site_id,
        monthly.channel_id,
        monthly.period_start_date,
        monthly.sold_units,
        monthly.revenue,
        {{ product('monthly.sold_units', 'unit_costs.unit_cost') }} as standard_cost_of_sales
    from monthly
    inner join unit_costs
        on monthly.item_id = unit_costs.item_id
        and monthly.site_id = unit_costs.site_id
        and monthly.period_start_date between unit_costs.valid_from_date and unit_costs.valid_to_date
)

{{ select_contract('sales') }}
