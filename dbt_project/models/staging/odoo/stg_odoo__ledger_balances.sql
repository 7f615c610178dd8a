with entries as (
    select * from {{ source('odoo', 'account_move') }}
    where state = 'posted'
),

lines as (
    select * from {{ source('odoo', 'account_move_line') }}
    where account_id is not null
),

accounts as (
    select * from {{ source('odoo', 'account_account') }}
),

companies as (
    select * from {{ ref('base_odoo__companies') }}
),

categories as (
    select * from {{ source('odoo', 'product_category') }}
),

-- Goods in stock stand on no type of account of their own: the product categories name the accounts, by company.
stock_accounts as (
    select distinct cast({{ odoo_company_value('categories.property_stock_valuation_account_id', 'companies.company_id') }} as integer) as account_id
    from categories
    cross join companies

    union

    select cast(split_part(value_reference, ',', 2) as integer) as account_id
    from {{ source('odoo', 'ir_property') }}
    where name = 'property_stock_valuation_account_id' and value_reference like 'account.account,%'
),

monthly as (
    select
        entries.company_id,
        lines.account_id,
        {{ month_of('lines.date') }} as period_start_date,
        cast(sum(lines.debit - lines.credit) as decimal(18, 4)) as period_amount,
        min(lines.source_file_sha256) as source_file_sha256,
        min(lines.source_row_number) as source_row_number
    from lines
    inner join entries on lines.move_id = entries.id
    where lines.date < {{ cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'") }}
    group by entries.company_id, lines.account_id, {{ month_of('lines.date') }}
),

typed as (
    select
        monthly.*,
        companies.company_code,
        companies.currency_code,
        coalesce(
            nullif(trim({{ odoo_company_value('accounts.code_store', 'monthly.company_id') }}), ''),
            nullif(trim(accounts.code), ''),
            cast(accounts.id as varchar)
        ) as account_code,
        {{ odoo_name('accounts.name') }} as account_name,
        accounts.account_type like 'asset%' or accounts.account_type like 'liability%' or accounts.account_type like 'equity%' as is_of_balance_sheet,
        case
            when stock_accounts.account_id is not null then 'inventory'
            when accounts.account_type = 'income' then 'revenue'
            when accounts.account_type = 'expense_direct_cost' then 'cost_of_sales'
            when accounts.account_type = 'asset_receivable' then 'receivables'
            when accounts.account_type = 'liability_payable' then 'payables'
            when accounts.account_type = 'asset_cash' then 'cash'
            when accounts.account_type in ('expense', 'expense_depreciation') then 'operating_expense'
            else 'other'
        end as account_type
    from monthly
    inner join companies on monthly.company_id = companies.company_id
    left join accounts on monthly.account_id = accounts.id
    left join stock_accounts on monthly.account_id = stock_accounts.account_id
)

-- Accounts of the balance sheet are never closed in Odoo: their balance is all that was ever posted.
select
    company_code as company_id,
    account_code as account_id,
    cast(null as varchar) as cost_object_id,
    period_start_date,
    account_name,
    account_type,
    period_amount,
    case when is_of_balance_sheet then cast(
        sum(period_amount) over (partition by company_id, account_id order by period_start_date) as decimal(18, 4)
    ) end as closing_amount,
    currency_code,
    source_file_sha256,
    cast(source_row_number as integer) as source_row_number
from typed
