{{ config(store_failures=true, schema='findings') }}
-- Money of the plan is converted at a rate that is too old to be true: deliver the rate of the month in fx_rates, or declare
-- exchange_rate_maximum_age_days with its reason in planning_parameters.csv. Up to that age the last rate known counts.
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

parameters as (
    select parameter_value as maximum_age_days
    from {{ ref('fct_parameters') }}
    where parameter_id = 'exchange_rate_maximum_age_days' and scope = 'company'
),

used as (
    select sales_order_lines.currency_code
    from {{ ref('sales_order_lines') }} as sales_order_lines
    inner join cycle on sales_order_lines.demand_date >= {{ last_closed_month() }}
    union
    select currency_code from {{ ref('resources') }}
    union
    select currency_code from {{ ref('supplier_items') }}
    union
    select currency_code from {{ ref('lanes') }}
    union
    select currency_code from {{ ref('standard_costs') }}
    union
    select currency_code from {{ ref('prices') }}
)

select
    used.currency_code,
    fx_rates.rate_age_days,
    parameters.maximum_age_days
from used
cross join cycle
cross join parameters
inner join fx_rates
    on used.currency_code = fx_rates.currency_code
    and cycle.cycle_start_date = fx_rates.rate_date
where fx_rates.rate_age_days > parameters.maximum_age_days
