-- What earlier cycles published for months that are closed by now, beside what was then ordered. A month without an order is 0.
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

published as (
    select * from {{ source('published', 'fct_demand_plan') }}
),

history as (
    select * from {{ ref('fct_demand_history') }}
),

ahead as (
    select
        published.item_id,
        published.site_id,
        published.channel_id,
        published.period_start_date,
        {{ dbt.datediff(cycle_month('published.cycle_id'), 'published.period_start_date', 'month') }} as lead_months,
        published.forecast_units
    from published
    cross join cycle
    where
        not published.is_history
        and {{ cycle_month('published.cycle_id') }} < cycle.cycle_start_date
        and published.period_start_date < cycle.cycle_start_date
        and published.period_start_date >= {{ months_after('cycle.cycle_start_date', -12) }}
),

forecast_records as (
    select
        ahead.item_id,
        ahead.site_id,
        ahead.channel_id,
        ahead.period_start_date,
        ahead.lead_months,
        ahead.forecast_units,
        coalesce(history.ordered_units, 0) as actual_units
    from ahead
    left join history
        on ahead.item_id = history.item_id
        and ahead.site_id = history.site_id
        and ahead.channel_id = history.channel_id
        and ahead.period_start_date = history.period_start_date
    where ahead.lead_months between 0 and 2
)

{{ select_contract('forecast_records') }}
