{% set ends = zone_ends() %}
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

-- History starts with the first business that was delivered, and at least five years back.
first_days as (
    select min(ordered_date) as first_date from {{ ref('sales_order_lines') }}
    union all
    select min(demand_date) as first_date from {{ ref('sales_order_lines') }}
    union all
    select min(shipped_date) as first_date from {{ ref('shipment_lines') }}
    union all
    select min(invoiced_date) as first_date from {{ ref('invoice_lines') }}
    union all
    select min(snapshot_date) as first_date from {{ ref('inventory_snapshots') }}
    union all
    select {{ months_after('cycle_start_date', -60) }} as first_date from cycle
),

first_month as (
    select {{ month_of('min(first_date)') }} as period_start_date from first_days
),

numbers as (
    {{ dbt.generate_series(1200) }}
),

months as (
    select {{ months_after('first_month.period_start_date', 'numbers.generated_number - 1') }} as period_start_date
    from first_month
    cross join numbers
),

offsets as (
    select
        months.period_start_date,
        cast({{ dbt.dateadd('day', -1, months_after('months.period_start_date', 1)) }} as date) as period_end_date,
        {{ dbt.datediff('cycle.cycle_start_date', 'months.period_start_date', 'month') }} as cycle_offset,
        cycle.horizon_months,
        cycle.frozen_months
    from months
    cross join cycle
),

zoned as (
    select
        period_start_date,
        period_end_date,
        {{ dbt.datediff('period_start_date', 'period_end_date', 'day') }} + 1 as period_days,
        cycle_offset,
        case
            when cycle_offset < 0 then 'history'
            when cycle_offset < frozen_months then 'frozen'
            when cycle_offset < {{ ends.short }} then 'short'
            when cycle_offset < {{ ends.mid }} then 'mid'
            else 'long'
        end as zone,
        cycle_offset >= 0 as is_horizon
    from offsets
    where cycle_offset < horizon_months
)

{{ select_contract('zoned') }}
