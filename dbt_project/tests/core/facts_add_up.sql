{{ config(store_failures=true, schema='findings') }}
-- Facts are sums of the rows that they are made of: nothing is lost or counted twice on the way to a month.
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

demand_history as (
    select * from {{ ref('fct_demand_history') }}
),

orders_on_hand as (
    select * from {{ ref('fct_orders_on_hand') }}
),

sales_order_lines as (
    select * from {{ ref('sales_order_lines') }}
),

invoice_lines as (
    select * from {{ ref('invoice_lines') }}
),

shipments as (
    select * from {{ ref('fct_shipments') }}
),

sales as (
    select * from {{ ref('fct_sales') }}
),

inventory_snapshots as (
    select * from {{ ref('inventory_snapshots') }}
),

inventory_position as (
    select * from {{ ref('fct_inventory_position') }}
),

invoice_counts as (
    select count(*) as invoice_lines from invoice_lines
),

latest_snapshots as (
    select
        inventory_snapshots.site_id,
        max(inventory_snapshots.snapshot_date) as snapshot_date
    from inventory_snapshots
    inner join cycle on inventory_snapshots.snapshot_date <= cycle.cycle_start_date
    group by inventory_snapshots.site_id
),

parts as (
    select
        'units ordered' as fact,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        order_lines.ordered_units as part,
        0 as total
    from order_lines
    inner join cycle on order_lines.demand_date < cycle.cycle_start_date
    where order_lines.order_type = 'order' and not order_lines.is_cancelled

    union all

    select
        'units ordered' as fact,
        period_start_date,
        0 as part,
        ordered_units - kept_cancelled_units + deducted_return_units as total
    from demand_history

    union all

    -- The policies of returns and cancellations move what was recorded, and nothing else.
    select
        'cancelled units kept' as fact,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        order_lines.ordered_units as part,
        0 as total
    from order_lines
    inner join cycle
        on order_lines.demand_date < cycle.cycle_start_date
        and cycle.cancellations_policy = 'keep'
    where order_lines.order_type = 'order' and order_lines.is_cancelled

    union all

    select 'cancelled units kept' as fact, period_start_date, 0 as part, kept_cancelled_units as total from demand_history

    union all

    -- Of all months together: a return may be taken off the month of its order.
    select
        'returned units deducted' as fact,
        cycle.cycle_start_date as period_start_date,
        order_lines.ordered_units as part,
        0 as total
    from order_lines
    inner join cycle
        on order_lines.demand_date < cycle.cycle_start_date
        and cycle.returns_policy <> 'ignore'
    where order_lines.order_type = 'return' and not order_lines.is_cancelled

    union all

    select
        'returned units deducted' as fact,
        cycle.cycle_start_date as period_start_date,
        0 as part,
        demand_history.deducted_return_units as total
    from demand_history
    cross join cycle

    union all

    select
        'units on order' as fact,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        order_lines.ordered_units as part,
        0 as total
    from order_lines
    inner join cycle
        on order_lines.demand_date >= cycle.cycle_start_date
        and order_lines.ordered_date < cycle.cycle_start_date
    where order_lines.order_type = 'order' and not order_lines.is_cancelled

    union all

    select 'units on order' as fact, period_start_date, 0 as part, ordered_units as total from orders_on_hand

    union all

    select
        'units sold' as fact,
        {{ month_of('invoice_lines.invoiced_date') }} as period_start_date,
        invoice_lines.invoiced_units as part,
        0 as total
    from invoice_lines
    inner join cycle on invoice_lines.invoiced_date < cycle.cycle_start_date
    where not coalesce(invoice_lines.is_cancelled, false)

    union all

    select
        'units sold' as fact,
        {{ month_of('shipments.shipped_date') }} as period_start_date,
        case when shipments.is_return then -shipments.shipped_units else shipments.shipped_units end as part,
        0 as total
    from shipments
    inner join cycle on shipments.shipped_date < cycle.cycle_start_date
    inner join sales_order_lines
        on shipments.order_id = sales_order_lines.order_id
        and shipments.order_line_id = sales_order_lines.line_id
    -- a count, not an anti-join: `not exists` in a branch of a union never ended in DuckDB 2.0 at ten times the demo's size
    cross join invoice_counts
    where invoice_counts.invoice_lines = 0

    union all

    select 'units sold' as fact, period_start_date, 0 as part, sold_units as total from sales

    union all

    select
        'units on hand' as fact,
        cycle.cycle_start_date as period_start_date,
        inventory_snapshots.on_hand_units as part,
        0 as total
    from inventory_snapshots
    inner join latest_snapshots
        on inventory_snapshots.site_id = latest_snapshots.site_id
        and inventory_snapshots.snapshot_date = latest_snapshots.snapshot_date
    cross join cycle

    union all

    select
        'units on hand' as fact,
        cycle.cycle_start_date as period_start_date,
        0 as part,
        inventory_position.on_hand_units as total
    from inventory_position
    cross join cycle

    union all

    select
        'units in backlog' as fact,
        cycle.cycle_start_date as period_start_date,
        order_lines.ordered_units - order_lines.shipped_units as part,
        0 as total
    from order_lines
    inner join cycle on order_lines.demand_date < cycle.cycle_start_date
    where order_lines.is_open

    union all

    select
        'units in backlog' as fact,
        cycle.cycle_start_date as period_start_date,
        0 as part,
        inventory_position.backlog_units as total
    from inventory_position
    cross join cycle
)

select
    fact,
    period_start_date,
    sum(part) as parts,
    sum(total) as total
from parts
group by fact, period_start_date
having sum(part) <> sum(total)
