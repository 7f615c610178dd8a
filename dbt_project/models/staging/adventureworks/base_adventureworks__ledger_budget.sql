with entries as (

    select * from {{ source('adventureworks', 'ledger_entry') }}

),

accounts as (

    select * from {{ source('adventureworks', 'ledger_account') }}

),

scenarios as (

    select * from {{ source('adventureworks', 'ledger_scenario') }}

),

company as (

    select order_to_ship_days from {{ ref('base_adventureworks__company') }}

),

-- The ledger's calendar runs 153 days behind the orders'; what is ordered then leaves, and is revenue, the days of dispatch later.
dated as (

    select
        cast({{ dbt.date_trunc('month', dbt.dateadd('day', '153 + company.order_to_ship_days', 'entries.entry_date')) }} as date)
            as period_start_date,
        case
            when accounts.account_name = 'Trade Sales' then entries.amount
            when accounts.account_name in ('Returns and Adjustments', 'Discounts') then -entries.amount
            else 0
        end as revenue,
        case when accounts.account_name in ('Standard Cost of Sales', 'Variances') then entries.amount else 0 end
            as cost_of_sales,
        entries.source_file_sha256,
        entries.source_row_number
    from entries
    inner join accounts on entries.account_id = accounts.account_id
    inner join scenarios on entries.scenario_id = scenarios.scenario_id
    cross join company
    where scenarios.scenario_name = 'Budget'

),

final as (

    select
        period_start_date,
        sum(revenue) as revenue,
        sum(revenue) - sum(cost_of_sales) as gross_margin,
        min(source_file_sha256) as source_file_sha256,
        cast(min(source_row_number) as integer) as source_row_number
    from dated
    group by period_start_date

)

select * from final
