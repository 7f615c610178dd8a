with cycle as (
    select * from {{ ref('dim_cycle') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

fx_rates as (
    select * from {{ ref('fx_rates') }}
),

direct as (
    select
        fx_rates.from_currency_code as currency_code,
        fx_rates.rate_date,
        fx_rates.rate
    from fx_rates
    inner join cycle on fx_rates.to_currency_code = cycle.company_currency_code
    where fx_rates.from_currency_code <> cycle.company_currency_code
),

-- A pair that is delivered the other way round is turned, unless the right way is delivered too.
turned as (
    select
        fx_rates.to_currency_code as currency_code,
        fx_rates.rate_date,
        {{ ratio('1', 'fx_rates.rate', 'decimal(28,12)') }} as rate
    from fx_rates
    inner join cycle on fx_rates.from_currency_code = cycle.company_currency_code
    where
        fx_rates.to_currency_code <> cycle.company_currency_code
        and fx_rates.to_currency_code not in (select currency_code from direct)
),

delivered as (
    select currency_code, rate_date, rate from direct
    union all
    select currency_code, rate_date, rate from turned
),

-- The first rate of all holds for the whole of its month: a feed rarely starts on the first.
valid as (
    select
        currency_code,
        case
            when row_number() over (partition by currency_code order by rate_date) = 1 then {{ month_of('rate_date') }}
            else rate_date
        end as valid_from_date,
        lead(rate_date) over (partition by currency_code order by rate_date) as next_rate_date,
        rate
    from delivered
),

numbers as (
    {{ dbt.generate_series(31) }}
),

days as (
    select cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'periods.period_start_date') }} as date) as rate_date
    from periods
    inner join numbers on numbers.generated_number <= periods.period_days
),

daily as (
    select
        valid.currency_code,
        days.rate_date,
        valid.rate
    from valid
    inner join days
        on days.rate_date >= valid.valid_from_date
        and (valid.next_rate_date is null or days.rate_date < valid.next_rate_date)

    union all

    select
        cycle.company_currency_code as currency_code,
        days.rate_date,
        cast(1 as decimal(28, 12)) as rate
    from days
    cross join cycle
)

{{ select_contract('daily') }}
