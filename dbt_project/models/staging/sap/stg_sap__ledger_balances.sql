with totals as (

    select * from {{ source('sap', 'faglflext') }}
    where rrcty = '0' and rldnr = '0L'

),

companies as (

    select * from {{ source('sap', 't001') }}

),

currency_shifts as (

    select * from {{ ref('base_sap__currency_shifts') }}

),

account_names as (

    select
        skat.saknr,
        min(skat.txt50) as account_name
    from {{ source('sap', 'skat') }} as skat
    inner join {{ ref('base_sap__language') }} as language on skat.spras = language.spras
    group by skat.saknr

),

account_types as (

    select * from {{ source('sap', 'supplement_account_types') }}

),

supplement as (

    select * from {{ source('sap', 'supplement_ledger_balances') }}

),

-- A year stands in one row, a period in one column; the special periods 13 to 16 belong to December.
periods as (

    {% for period in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16] %}
    select rbukrs, racct, rcntr, ryear, {{ [period, 12] | min }} as month_number, hsl{{ '%02d' % period }} as amount
    from totals
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

months as (

    select
        rbukrs,
        racct,
        rcntr,
        ryear,
        month_number,
        sum(coalesce(amount, 0)) as amount
    from periods
    group by rbukrs, racct, rcntr, ryear, month_number

),

carried as (

    select
        rbukrs,
        racct,
        rcntr,
        ryear,
        sum(coalesce(hslvt, 0)) as amount,
        min(source_file_sha256) as source_file_sha256,
        min(source_row_number) as source_row_number
    from totals
    group by rbukrs, racct, rcntr, ryear

),

balances as (

    select
        months.rbukrs,
        {{ sap_shown('months.racct') }} as account_id,
        {{ sap_shown('months.rcntr') }} as cost_object_id,
        cast(cast(months.ryear as varchar) || '-' || lpad(cast(months.month_number as varchar), 2, '0') || '-01' as date) as period_start_date,
        coalesce(account_names.account_name, {{ sap_shown('months.racct') }}) as account_name,
        months.amount,
        carried.amount + sum(months.amount) over (
            partition by months.rbukrs, months.racct, months.rcntr, months.ryear order by months.month_number
        ) as balance,
        companies.waers,
        currency_shifts.shift,
        carried.source_file_sha256,
        carried.source_row_number
    from months
    inner join carried
        on months.rbukrs = carried.rbukrs
        and months.racct = carried.racct
        and coalesce(months.rcntr, '') = coalesce(carried.rcntr, '')
        and months.ryear = carried.ryear
    left join companies on months.rbukrs = companies.bukrs
    left join currency_shifts on companies.waers = currency_shifts.currency_code
    left join account_names on months.racct = account_names.saknr

),

-- An account of the balance sheet has a balance in every month, any other one only what was posted.
typed as (

    select
        balances.*,
        coalesce(account_types.account_type, 'other') as account_type,
        coalesce(account_types.account_type in ('inventory', 'receivables', 'payables', 'cash'), false) as has_balance
    from balances
    left join account_types on balances.account_id = account_types.account_id
    where balances.period_start_date < {{ sap_cycle_day() }}

),

final as (

    select
        typed.rbukrs as company_id,
        typed.account_id,
        typed.cost_object_id,
        typed.period_start_date,
        typed.account_name,
        typed.account_type,
        {{ sap_amount('typed.amount', 'typed.shift') }} as period_amount,
        case when typed.has_balance then {{ sap_amount('typed.balance', 'typed.shift') }} end as closing_amount,
        typed.waers as currency_code,
        typed.source_file_sha256,
        typed.source_row_number
    from typed
    left join supplement
        on typed.rbukrs = supplement.company_id
        and typed.account_id = supplement.account_id
        and coalesce(typed.cost_object_id, '') = coalesce(supplement.cost_object_id, '')
        and typed.period_start_date = supplement.period_start_date
    where
        supplement.company_id is null
        and (typed.amount <> 0 or (typed.has_balance and typed.balance <> 0))

    union all

    select
        company_id,
        account_id,
        cost_object_id,
        period_start_date,
        account_name,
        account_type,
        period_amount,
        closing_amount,
        currency_code,
        source_file_sha256,
        source_row_number
    from supplement

)

select * from final
