{#- Order lines of the last twelve closed months with money on both sides: what they were sold for, and what the goods
    cost at standard. Free goods and items without a cost say nothing about units of price. -#}
with

cycle as (select * from {{ ref('dim_cycle') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

unit_costs as (select * from {{ ref('fct_unit_costs') }}),

sales_order_lines as (select * from {{ ref('sales_order_lines') }}),

priced as (

    select
        order_lines.item_id,
        sales_order_lines.currency_code,
        order_lines.net_amount,
        {{ product('order_lines.ordered_units', 'unit_costs.unit_cost') }} as standard_value
    from order_lines
    inner join cycle on order_lines.ordered_date >= {{ months_after('cycle.cycle_start_date', -12) }}
    inner join sales_order_lines
        on order_lines.order_id = sales_order_lines.order_id
        and order_lines.line_id = sales_order_lines.line_id
    inner join unit_costs
        on order_lines.item_id = unit_costs.item_id
        and order_lines.site_id = unit_costs.site_id
        and {{ in_force('cycle.cycle_start_date', 'unit_costs') }}
    where
        order_lines.order_type = 'order'
        and order_lines.net_amount > 0
        and order_lines.ordered_units > 0
        and unit_costs.unit_cost > 0

)

select
    item_id,
    currency_code,
    net_amount,
    standard_value,
    net_amount > {{ price_to_cost_factor() }} * standard_value or net_amount * {{ price_to_cost_factor() }} < standard_value as is_off
from priced
where standard_value > 0
