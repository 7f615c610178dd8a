{{ config(store_failures=true, schema='findings') }}
-- Money whose currency has no rate on its day (or at the cycle's start) counts as 0 in core: deliver the rate in fx_rates.
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

actuals as (
    select
        'sales_order_lines' as table_name,
        sales_order_lines.currency_code,
        {{ rate_day('sales_order_lines.demand_date', 'cycle') }} as rate_date
    from {{ ref('sales_order_lines') }} as sales_order_lines
    cross join cycle
    union
    select
        'invoice_lines' as table_name,
        invoice_lines.currency_code,
        invoice_lines.invoiced_date as rate_date
    from {{ ref('invoice_lines') }} as invoice_lines
    inner join cycle on invoice_lines.invoiced_date < cycle.cycle_start_date
),

planned as (
    select 'resources' as table_name, currency_code from {{ ref('resources') }}
    union
    select 'supplier_items' as table_name, currency_code from {{ ref('supplier_items') }}
    union
    select 'lanes' as table_name, currency_code from {{ ref('lanes') }}
    union
    select 'standard_costs' as table_name, currency_code from {{ ref('standard_costs') }}
    union
    select 'prices' as table_name, currency_code from {{ ref('prices') }}
    union
    select 'goals' as table_name, currency_code from {{ ref('goals') }}
    where currency_code is not null
    union
    select 'planner.goals' as table_name, currency_code from {{ source('planner', 'goals') }}
    where currency_code is not null
),

needed as (
    select table_name, currency_code, rate_date from actuals
    union all
    select planned.table_name, planned.currency_code, cycle.cycle_start_date as rate_date
    from planned
    cross join cycle
)

select
    needed.table_name,
    needed.currency_code,
    min(needed.rate_date) as first_date,
    max(needed.rate_date) as last_date
from needed
left join fx_rates
    on needed.currency_code = fx_rates.currency_code
    and needed.rate_date = fx_rates.rate_date
where fx_rates.rate is null
group by needed.table_name, needed.currency_code
