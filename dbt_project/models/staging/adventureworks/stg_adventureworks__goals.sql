with quotas as (

    select * from {{ source('adventureworks', 'sales_person_quota_history') }}

),

order_lines as (

    select * from {{ ref('stg_adventureworks__sales_order_lines') }}

),

company as (

    select * from {{ ref('base_adventureworks__company') }}

),

ledger_budget as (

    select * from {{ ref('base_adventureworks__ledger_budget') }}

),

numbers as (

    {{ dbt.generate_series(3) }}

),

dated as (

    select
        cast({{ dbt.date_trunc('month', dbt.dateadd('day', 'company.order_to_ship_days', 'quotas.quota_date')) }} as date)
            as quarter_start_date,
        quotas.sales_quota,
        quotas.source_file_sha256,
        quotas.source_row_number
    from quotas
    cross join company

),

-- A quota is for the three postings from its day on; they leave, and are revenue, the days of dispatch later.
quarters as (

    select
        quarter_start_date,
        sum(sales_quota) as sales_quota,
        min(source_file_sha256) as source_file_sha256,
        min(source_row_number) as source_row_number
    from dated
    group by quarter_start_date

),

quarter_months as (

    select
        quarters.*,
        cast({{ dbt.dateadd('month', 'numbers.generated_number - 1', 'quarters.quarter_start_date') }} as date)
            as period_start_date,
        cast({{ dbt.dateadd('month', 'numbers.generated_number - 13', 'quarters.quarter_start_date') }} as date)
            as year_before_date
    from quarters
    cross join numbers

),

monthly as (

    select
        cast({{ dbt.date_trunc('month', 'demand_date') }} as date) as period_start_date,
        sum(case when channel_id = 'RESELLER' then net_amount else 0 end) as reseller_revenue,
        sum(case when channel_id = 'INTERNET' then net_amount else 0 end) as internet_revenue
    from order_lines
    group by cast({{ dbt.date_trunc('month', 'demand_date') }} as date)

),

closed_months as (

    select monthly.*
    from monthly
    inner join company on monthly.period_start_date < company.cycle_start_date

),

-- Nobody has a quota for the internet: its goal is the run rate of the closed months in the three before the quarter.
internet_run_rates as (

    select
        quarters.quarter_start_date,
        cast(sum(closed_months.internet_revenue) as double precision) / count(*) as revenue_per_month
    from quarters
    inner join closed_months
        on closed_months.period_start_date < quarters.quarter_start_date
        and closed_months.period_start_date
        >= cast({{ dbt.dateadd('month', -3, 'quarters.quarter_start_date') }} as date)
    group by quarters.quarter_start_date

),

-- The quarter is spread as resellers' demand was a year before; without three such months, evenly.
spread as (

    select
        quarter_months.*,
        closed_months.reseller_revenue as month_revenue,
        sum(closed_months.reseller_revenue) over (partition by quarter_months.quarter_start_date) as quarter_revenue,
        count(closed_months.reseller_revenue) over (partition by quarter_months.quarter_start_date) as known_months
    from quarter_months
    left join closed_months on quarter_months.year_before_date = closed_months.period_start_date

),

revenue_goals as (

    select
        spread.period_start_date,
        cast(spread.sales_quota as double precision)
        * case
            when spread.known_months = 3 and spread.quarter_revenue > 0
                then cast(spread.month_revenue as double precision) / spread.quarter_revenue
            else cast(1 as double precision) / 3
        end
        + coalesce(internet_run_rates.revenue_per_month, 0)
        * (1 + cast(company.internet_budget_growth_ratio as double precision)) as revenue,
        cast(company.gross_margin_goal_ratio as double precision) as gross_margin_ratio,
        company.currency_code,
        spread.source_file_sha256,
        cast(spread.source_row_number as integer) as source_row_number
    from spread
    cross join company
    left join internet_run_rates on spread.quarter_start_date = internet_run_rates.quarter_start_date

),

final as (

    select
        'budget' as goal_version,
        'revenue' as metric,
        'company' as level,
        'all' as level_id,
        period_start_date,
        {{ rounded('revenue', 'decimal(18,4)') }} as goal_value,
        currency_code,
        source_file_sha256,
        source_row_number
    from revenue_goals

    union all

    select
        'budget' as goal_version,
        'gross_margin' as metric,
        'company' as level,
        'all' as level_id,
        period_start_date,
        {{ product('revenue', 'gross_margin_ratio') }} as goal_value,
        currency_code,
        source_file_sha256,
        source_row_number
    from revenue_goals

    union all

    select
        'ledger_budget' as goal_version,
        'revenue' as metric,
        'company' as level,
        'all' as level_id,
        ledger_budget.period_start_date,
        cast(ledger_budget.revenue as decimal(18, 4)) as goal_value,
        company.currency_code,
        ledger_budget.source_file_sha256,
        ledger_budget.source_row_number
    from ledger_budget
    cross join company

    union all

    select
        'ledger_budget' as goal_version,
        'gross_margin' as metric,
        'company' as level,
        'all' as level_id,
        ledger_budget.period_start_date,
        cast(ledger_budget.gross_margin as decimal(18, 4)) as goal_value,
        company.currency_code,
        ledger_budget.source_file_sha256,
        ledger_budget.source_row_number
    from ledger_budget
    cross join company

)

select * from final
