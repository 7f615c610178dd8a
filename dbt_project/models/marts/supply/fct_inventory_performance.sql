{%- set levels = product_levels() -%}
with

inventory as (select * from {{ ref('fct_inventory_history') }}),

sales as (select * from {{ ref('fct_sales') }}),

items as (select * from {{ ref('dim_items') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

-- Thirteen month ends enclose twelve months.
month_ends as (

    select
        inventory.item_id,
        inventory.period_start_date,
        inventory.inventory_value
    from inventory
    cross join cycle
    where
        inventory.period_start_date < cycle.cycle_start_date
        and inventory.period_start_date >= {{ months_after('cycle.cycle_start_date', -13) }}

),

sales_of_year as (

    select
        sales.item_id,
        sales.period_start_date,
        sales.standard_cost_of_sales
    from sales
    cross join cycle
    where
        sales.period_start_date < cycle.cycle_start_date
        and sales.period_start_date >= {{ months_after('cycle.cycle_start_date', -12) }}

),

month_end_count as (

    select count(distinct period_start_date) as month_ends
    from month_ends

),

sales_month_count as (

    select count(distinct period_start_date) as sales_months
    from sales_of_year

),

stacked as (

    select
        item_id,
        inventory_value as all_inventory_value,
        case
            when month_ends.period_start_date = {{ last_closed_month() }} then inventory_value
            else 0
        end as inventory_value,
        cast(0 as decimal(18, 4)) as standard_cost_of_sales
    from month_ends
    cross join cycle

    union all

    select
        item_id,
        cast(0 as decimal(18, 4)) as all_inventory_value,
        cast(0 as decimal(18, 4)) as inventory_value,
        standard_cost_of_sales
    from sales_of_year

),

with_levels as (

    select
        cycle.cycle_id,
        items.category_id,
        items.family_id,
        stacked.all_inventory_value,
        stacked.inventory_value,
        stacked.standard_cost_of_sales
    from stacked
    cross join cycle
    left join items on stacked.item_id = items.item_id

),

by_level as (
    {{ sum_by_level('with_levels', levels, ['cycle_id'], ['all_inventory_value', 'inventory_value', 'standard_cost_of_sales']) }}
),

-- The mean is over the month ends of the company, so that a family without stock in a month counts as 0 there.
yearly as (

    select
        by_level.level,
        by_level.level_id,
        by_level.inventory_value,
        {{ ratio('by_level.all_inventory_value', 'month_end_count.month_ends', 'decimal(18,4)') }} as average_inventory_value,
        {{ rounded('
            12 * cast(by_level.standard_cost_of_sales as double precision) / nullif(sales_month_count.sales_months, 0)
        ', 'decimal(18,4)') }} as annual_cost_of_sales,
        month_end_count.month_ends,
        sales_month_count.sales_months
    from by_level
    cross join month_end_count
    cross join sales_month_count

),

inventory_performance as (

    select
        cycle.cycle_id,
        yearly.level,
        yearly.level_id,
        {{ last_closed_month() }} as period_start_date,
        yearly.inventory_value,
        coalesce(yearly.average_inventory_value, 0) as average_inventory_value,
        coalesce(yearly.annual_cost_of_sales, 0) as annual_cost_of_sales,
        yearly.month_ends,
        yearly.sales_months,
        {{ ratio('yearly.annual_cost_of_sales', 'yearly.average_inventory_value') }} as inventory_turns,
        {{ ratio('yearly.average_inventory_value * 365', 'yearly.annual_cost_of_sales') }} as days_of_inventory
    from yearly
    cross join cycle

)

{{ select_contract('inventory_performance') }}
