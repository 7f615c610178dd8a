with entries as (

    select * from {{ source('erpnext', 'gl_entry') }}
    where docstatus = 1 and not is_cancelled
        and posting_date < {{ cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'") }}

),

accounts as (

    select * from {{ source('erpnext', 'account') }}

),

companies as (

    select * from {{ source('erpnext', 'company') }}

),

monthly as (

    select
        company,
        account,
        cost_center,
        {{ month_of('posting_date') }} as period_start_date,
        cast(sum(debit - credit) as decimal(18, 4)) as period_amount,
        min(source_file_sha256) as source_file_sha256,
        cast(min(source_row_number) as integer) as source_row_number
    from entries
    group by company, account, cost_center, {{ month_of('posting_date') }}

),

final as (

    select
        monthly.company as company_id,
        monthly.account as account_id,
        monthly.cost_center as cost_object_id,
        monthly.period_start_date,
        accounts.account_name,
        case
            when accounts.account_type = 'Cost of Goods Sold' then 'cost_of_sales'
            when accounts.account_type = 'Stock' then 'inventory'
            when accounts.account_type = 'Receivable' then 'receivables'
            when accounts.account_type = 'Payable' then 'payables'
            when accounts.account_type in ('Bank', 'Cash') then 'cash'
            when accounts.root_type = 'Income' then 'revenue'
            when accounts.root_type = 'Expense' then 'operating_expense'
            else 'other'
        end as account_type,
        monthly.period_amount,
        -- only accounts of profit and loss are ever closed: the balance of another is all that was posted to it
        case when accounts.root_type in ('Asset', 'Liability', 'Equity') then cast(
            sum(monthly.period_amount) over (
                partition by monthly.company, monthly.account, monthly.cost_center order by monthly.period_start_date
            ) as decimal(18, 4)
        ) end as closing_amount,
        companies.default_currency as currency_code,
        monthly.source_file_sha256,
        monthly.source_row_number
    from monthly
    left join accounts on monthly.account = accounts.name
    left join companies on monthly.company = companies.name

)

select * from final
