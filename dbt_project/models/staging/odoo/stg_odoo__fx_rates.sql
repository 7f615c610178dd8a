with rates as (
    select * from {{ source('odoo', 'res_currency_rate') }}
),

currencies as (
    select * from {{ source('odoo', 'res_currency') }}
),

companies as (
    select * from {{ ref('base_odoo__companies') }}
),

-- Units of the currency for one unit of the one with rate 1; a rate of no company holds for each.
of_companies as (
    select
        companies.company_id,
        companies.currency_id as company_currency_id,
        companies.currency_code as company_currency_code,
        rates.currency_id,
        rates.name as rate_date,
        rates.rate,
        rates.source_file_sha256,
        rates.source_row_number
    from rates
    inner join companies on coalesce(rates.company_id, companies.company_id) = companies.company_id
),

-- The company's own currency mostly has no rate, which is 1; where it has rates, the one in force on the day counts.
own_rates as (
    select
        company_id,
        rate_date,
        rate,
        lead(rate_date) over (partition by company_id order by rate_date) as next_rate_date
    from of_companies
    where currency_id = company_currency_id
),

final as (
    select
        currencies.name as from_currency_code,
        of_companies.company_currency_code as to_currency_code,
        of_companies.rate_date,
        cast(coalesce(own_rates.rate, 1) as double precision) / nullif(of_companies.rate, 0) as rate,
        of_companies.source_file_sha256,
        of_companies.source_row_number,
        row_number() over (
            partition by currencies.name, of_companies.company_currency_code, of_companies.rate_date
            order by of_companies.company_id
        ) as place
    from of_companies
    inner join currencies on of_companies.currency_id = currencies.id
    left join own_rates
        on of_companies.company_id = own_rates.company_id
        and of_companies.rate_date >= own_rates.rate_date
        and (own_rates.next_rate_date is null or of_companies.rate_date < own_rates.next_rate_date)
    where of_companies.currency_id <> of_companies.company_currency_id
)

select
    from_currency_code,
    to_currency_code,
    rate_date,
    {{ rounded('rate', 'decimal(28,12)') }} as rate,
    source_file_sha256,
    source_row_number
from final
where place = 1
