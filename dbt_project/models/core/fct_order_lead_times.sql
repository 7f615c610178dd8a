with cycle as (
    select * from {{ ref('dim_cycle') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

-- The twelve closed months: a year, so that no season weighs twice.
placed as (
    select
        order_lines.channel_id,
        {{ dbt.datediff('order_lines.ordered_date', 'order_lines.demand_date', 'month') }} as lead_months,
        order_lines.ordered_units
    from order_lines
    inner join cycle
        on order_lines.demand_date < cycle.cycle_start_date
        and order_lines.demand_date >= {{ months_after('cycle.cycle_start_date', -12) }}
    where order_lines.order_type = 'order' and not order_lines.is_cancelled
),

-- What was ordered after its month of demand was in no book before.
lead_times as (
    select
        channel_id,
        case when lead_months > 0 then lead_months else 0 end as lead_months,
        sum(ordered_units) as ordered_units
    from placed
    group by channel_id, case when lead_months > 0 then lead_months else 0 end
)

{{ select_contract('lead_times') }}
