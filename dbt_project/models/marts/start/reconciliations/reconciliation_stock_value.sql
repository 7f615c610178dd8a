with

cycle as (select * from {{ ref('dim_cycle') }}),

sites as (select * from {{ ref('sites') }}),

companies as (select * from {{ ref('companies') }}),

inventory_snapshots as (select * from {{ ref('inventory_snapshots') }}),

ledger_balances as (select * from {{ ref('ledger_balances') }}),

fx_rates as (select * from {{ ref('fct_fx_rates') }}),

company_sites as ({{ companies_of_sites('sites', 'companies') }}),

-- The last snapshot that a site took in a month stands for the month's end.
month_ends as (

    select
        site_id,
        max(snapshot_date) as snapshot_date
    from inventory_snapshots
    where inventory_value is not null
    group by site_id, {{ month_of('snapshot_date') }}

),

held as (

    select
        company_sites.company_id,
        {{ month_of('inventory_snapshots.snapshot_date') }} as period_start_date,
        company_sites.currency_code,
        sum(
            case
                when coalesce(inventory_snapshots.currency_code, company_sites.currency_code) = company_sites.currency_code
                    then inventory_snapshots.inventory_value
                else {{ product('inventory_snapshots.inventory_value', ratio('of_stock.rate', 'of_books.rate', 'decimal(28,12)')) }}
            end
        ) as inventory_value,
        count(*) as rows_held
    from inventory_snapshots
    inner join month_ends
        on inventory_snapshots.site_id = month_ends.site_id
        and inventory_snapshots.snapshot_date = month_ends.snapshot_date
    inner join company_sites on inventory_snapshots.site_id = company_sites.site_id
    left join fx_rates as of_stock
        on inventory_snapshots.currency_code = of_stock.currency_code and inventory_snapshots.snapshot_date = of_stock.rate_date
    left join fx_rates as of_books
        on company_sites.currency_code = of_books.currency_code and inventory_snapshots.snapshot_date = of_books.rate_date
    group by company_sites.company_id, company_sites.currency_code, {{ month_of('inventory_snapshots.snapshot_date') }}

),

booked as (

    select
        company_id,
        period_start_date,
        currency_code,
        sum(closing_amount) as inventory_value
    from ledger_balances
    where account_type = 'inventory' and closing_amount is not null
    group by company_id, period_start_date, currency_code

)

select
    booked.company_id as object_id,
    booked.period_start_date,
    held.inventory_value as left_value,
    booked.inventory_value as right_value,
    held.inventory_value - booked.inventory_value as difference,
    held.rows_held as checked_count,
    case when held.inventory_value <> booked.inventory_value then 1 else 0 end as differing_count,
    booked.currency_code
from booked
inner join cycle
    on booked.period_start_date < cycle.cycle_start_date
    and booked.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}
inner join held
    on booked.company_id = held.company_id
    and booked.period_start_date = held.period_start_date
    and booked.currency_code = held.currency_code
