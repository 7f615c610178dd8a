with cycle as (
    select * from {{ ref('dim_cycle') }}
),

periods as (
    select * from {{ ref('dim_periods') }}
),

fx_rates as (
    select * from {{ ref('fx_rates') }}
),

-- Of a pair the rates of one type count: of the averages of its days, else of closings, else of the budget.
ranked as (
    select
        from_currency_code,
        to_currency_code,
        rate_date,
        rate,
        case coalesce(rate_type, 'average') when 'average' then 1 when 'closing' then 2 else 3 end as type_rank
    from fx_rates
),

preferred as (
    select
        ranked.*,
        min(type_rank) over (partition by from_currency_code, to_currency_code) as first_type_rank
    from ranked
),

typed as (
    select from_currency_code, to_currency_code, rate_date, rate
    from preferred
    where type_rank = first_type_rank
),

direct as (
    select
        typed.from_currency_code as currency_code,
        typed.rate_date,
        typed.rate
    from typed
    inner join cycle on typed.to_currency_code = cycle.company_currency_code
    where typed.from_currency_code <> cycle.company_currency_code
),

-- A pair that is delivered the other way round is turned, unless the right way is delivered too.
turned as (
    select
        typed.to_currency_code as currency_code,
        typed.rate_date,
        {{ ratio('1', 'typed.rate', 'decimal(28,12)') }} as rate
    from typed
    inner join cycle on typed.from_currency_code = cycle.company_currency_code
    where
        typed.to_currency_code <> cycle.company_currency_code
        and typed.to_currency_code not in (select currency_code from direct)
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
        rate_date as stated_date,
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
        valid.rate,
        case when days.rate_date > valid.stated_date then {{ dbt.datediff('valid.stated_date', 'days.rate_date', 'day') }} else 0 end as rate_age_days
    from valid
    inner join days
        on days.rate_date >= valid.valid_from_date
        and (valid.next_rate_date is null or days.rate_date < valid.next_rate_date)

    union all

    select
        cycle.company_currency_code as currency_code,
        days.rate_date,
        cast(1 as decimal(28, 12)) as rate,
        0 as rate_age_days
    from days
    cross join cycle
)

{{ select_contract('daily') }}
