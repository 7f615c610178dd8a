with cycle as (
    select * from {{ ref('dim_cycle') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

-- Three years: two that forecasts are tested on, and the year before from which the usual share was known then.
placed as (
    select
        order_lines.item_id,
        order_lines.site_id,
        order_lines.channel_id,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        {{ dbt.datediff('order_lines.ordered_date', 'order_lines.demand_date', 'month') }} as months_before,
        order_lines.ordered_units
    from order_lines
    inner join cycle
        on order_lines.demand_date < cycle.cycle_start_date
        and order_lines.demand_date >= {{ months_after('cycle.cycle_start_date', -36) }}
    where order_lines.order_type = 'order' and not order_lines.is_cancelled
),

leads as (
    select 0 as lead_months
    union all
    select 1 as lead_months
    union all
    select 2 as lead_months
),

-- At the start of the month that lies so many months before the month of demand.
books as (
    select
        placed.item_id,
        placed.site_id,
        placed.channel_id,
        placed.period_start_date,
        leads.lead_months,
        sum(placed.ordered_units) as ordered_units
    from placed
    inner join leads on placed.months_before > leads.lead_months
    group by placed.item_id, placed.site_id, placed.channel_id, placed.period_start_date, leads.lead_months
)

{{ select_contract('books') }}
