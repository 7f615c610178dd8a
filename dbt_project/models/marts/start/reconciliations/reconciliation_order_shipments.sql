{#- Both sides as of the extract: a shipment of the days after the close is in both. -#}
with

cycle as (select * from {{ ref('dim_cycle') }}),

sales_order_lines as (select * from {{ ref('sales_order_lines') }}),

shipment_lines as (select * from {{ ref('shipment_lines') }}),

shipped as (

    select
        order_id,
        order_line_id,
        is_return,
        sum(shipped_units) as shipped_units
    from shipment_lines
    group by order_id, order_line_id, is_return

),

compared as (

    select
        sales_order_lines.site_id as object_id,
        {{ month_of('sales_order_lines.demand_date') }} as period_start_date,
        sales_order_lines.delivered_units,
        coalesce(shipped.shipped_units, 0) as shipped_units
    from sales_order_lines
    inner join cycle
        on sales_order_lines.demand_date < cycle.cycle_start_date
        and sales_order_lines.demand_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}
    left join shipped
        on sales_order_lines.order_id = shipped.order_id
        and sales_order_lines.line_id = shipped.order_line_id
        and shipped.is_return = (sales_order_lines.order_type = 'return')
    where sales_order_lines.delivered_units is not null

)

select
    object_id,
    period_start_date,
    sum(delivered_units) as left_value,
    sum(shipped_units) as right_value,
    sum(abs(delivered_units - shipped_units)) as difference,
    count(*) as checked_count,
    sum(case when delivered_units <> shipped_units then 1 else 0 end) as differing_count,
    cast(null as {{ dbt.type_string() }}) as currency_code
from compared
group by object_id, period_start_date
