with

cycle as (select * from {{ ref('dim_cycle') }}),

orders as (select * from {{ ref('sales_order_lines') }}),

terms as (select * from {{ ref('supplier_items') }}),

costs as (select * from {{ ref('standard_costs') }}),

prices as (select * from {{ ref('prices') }}),

rates as (select * from {{ ref('fx_rates') }}),

used as (

    select currency_code from orders
    union
    select currency_code from terms
    union
    select currency_code from costs
    union
    select currency_code from prices

),

currencies as (

    select used.currency_code
    from used
    cross join cycle
    where used.currency_code <> cycle.company_currency_code

),

newest as (

    select
        currencies.currency_code,
        max(rates.rate_date) as rate_date
    from currencies
    cross join cycle
    left join rates
        on rates.rate_date <= cycle.cycle_start_date
        and (
            (rates.from_currency_code = currencies.currency_code and rates.to_currency_code = cycle.company_currency_code)
            or (rates.to_currency_code = currencies.currency_code and rates.from_currency_code = cycle.company_currency_code)
        )
    group by currencies.currency_code

),

found as (

    select
        newest.currency_code as object_id,
        cast(null as varchar) as item_id,
        {{ dbt.datediff('newest.rate_date', 'cycle.cycle_start_date', 'day') }} as quantity,
        cast(null as decimal(18, 4)) as value,
        coalesce('latest rate of ' || cast(newest.rate_date as varchar), 'no rate at all') as evidence
    from newest
    cross join cycle
    -- a whole month without a rate: told before the age at which the core refuses it
    where newest.rate_date is null or newest.rate_date < {{ last_closed_month() }}

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
