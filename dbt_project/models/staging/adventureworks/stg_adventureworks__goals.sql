with quotas as (

    select * from {{ source('adventureworks', 'sales_person_quota_history') }}

),

orders as (

    select * from {{ source('adventureworks', 'sales_order_header') }}

),

order_lines as (

    select * from {{ source('adventureworks', 'sales_order_detail') }}

),

company as (

    select * from {{ ref('base_adventureworks__company') }}

),

numbers as (

    {{ dbt.generate_series(3) }}

),

-- A quota is for the postings from its day on, and postings belong to the nearest month end: so does the quarter.
quarters as (

    select
        cast({{ dbt.date_trunc('month', nearest_month_end('quota_date')) }} as date) as quarter_start_date,
        sum(sales_quota) as sales_quota,
        min(source_file_sha256) as source_file_sha256,
        min(source_row_number) as source_row_number
    from quotas
    group by cast({{ dbt.date_trunc('month', nearest_month_end('quota_date')) }} as date)

),

internet_months as (

    select
        cast({{ dbt.date_trunc('month', 'orders.order_date') }} as date) as period_start_date,
        sum(order_lines.line_total) as revenue
    from orders
    inner join order_lines on orders.sales_order_id = order_lines.sales_order_id
    where orders.is_online_order
    group by cast({{ dbt.date_trunc('month', 'orders.order_date') }} as date)

),

-- Nobody has a quota for the internet: its goal is the run rate of the closed months in the three before the quarter.
internet_run_rates as (

    select
        quarters.quarter_start_date,
        cast(sum(internet_months.revenue) as double precision) / count(*) as revenue_per_month
    from quarters
    inner join internet_months
        on internet_months.period_start_date < quarters.quarter_start_date
        and internet_months.period_start_date
        >= cast({{ dbt.dateadd('month', -3, 'quarters.quarter_start_date') }} as date)
    group by quarters.quarter_start_date

),

final as (

    select
        'budget' as goal_version,
        'revenue' as metric,
        'company' as level,
        'all' as level_id,
        cast({{ dbt.dateadd('month', 'numbers.generated_number - 1', 'quarters.quarter_start_date') }} as date)
            as period_start_date,
        {{ rounded('
            cast(quarters.sales_quota as double precision) / 3
            + coalesce(internet_run_rates.revenue_per_month, 0)
            * (1 + cast(company.internet_budget_growth_ratio as double precision))
        ', 'decimal(18,4)') }} as goal_value,
        company.currency_code,
        quarters.source_file_sha256,
        cast(quarters.source_row_number as integer) as source_row_number
    from quarters
    cross join company
    cross join numbers
    left join internet_run_rates on quarters.quarter_start_date = internet_run_rates.quarter_start_date

)

select * from final
