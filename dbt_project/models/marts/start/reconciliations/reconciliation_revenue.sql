with

cycle as (select * from {{ ref('dim_cycle') }}),

sites as (select * from {{ ref('sites') }}),

companies as (select * from {{ ref('companies') }}),

invoice_lines as (select * from {{ ref('invoice_lines') }}),

ledger_balances as (select * from {{ ref('ledger_balances') }}),

fx_rates as (select * from {{ ref('fct_fx_rates') }}),

company_sites as ({{ companies_of_sites('sites', 'companies') }}),

invoiced as (

    select
        company_sites.company_id,
        {{ month_of('invoice_lines.invoiced_date') }} as period_start_date,
        company_sites.currency_code,
        -- an invoice in another currency comes to that of the books by the rates of its day
        sum(
            case
                when invoice_lines.currency_code = company_sites.currency_code then invoice_lines.net_amount
                else {{ product('invoice_lines.net_amount', ratio('of_invoice.rate', 'of_books.rate', 'decimal(28,12)')) }}
            end
        ) as net_amount,
        count(*) as lines
    from invoice_lines
    inner join company_sites on invoice_lines.site_id = company_sites.site_id
    left join fx_rates as of_invoice
        on invoice_lines.currency_code = of_invoice.currency_code and invoice_lines.invoiced_date = of_invoice.rate_date
    left join fx_rates as of_books
        on company_sites.currency_code = of_books.currency_code and invoice_lines.invoiced_date = of_books.rate_date
    where not coalesce(invoice_lines.is_cancelled, false)
    group by company_sites.company_id, company_sites.currency_code, {{ month_of('invoice_lines.invoiced_date') }}

),

booked as (

    select
        company_id,
        period_start_date,
        currency_code,
        -sum(period_amount) as net_amount
    from ledger_balances
    where account_type = 'revenue'
    group by company_id, period_start_date, currency_code

),

-- Months that the ledger holds: those it does not hold are not said to be 0.
compared as (

    select
        booked.company_id as object_id,
        booked.period_start_date,
        coalesce(invoiced.net_amount, 0) as left_value,
        booked.net_amount as right_value,
        coalesce(invoiced.lines, 0) as checked_count,
        booked.currency_code
    from booked
    inner join cycle
        on booked.period_start_date < cycle.cycle_start_date
        and booked.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}
    left join invoiced
        on booked.company_id = invoiced.company_id
        and booked.period_start_date = invoiced.period_start_date
        and booked.currency_code = invoiced.currency_code
    where exists (select 1 from invoice_lines)

)

select
    object_id,
    period_start_date,
    left_value,
    right_value,
    left_value - right_value as difference,
    checked_count,
    case when left_value <> right_value then 1 else 0 end as differing_count,
    currency_code
from compared
