with cycle as (
    select * from {{ ref('dim_cycle') }}
),

bills_by_month as (
    select * from {{ ref('bills_by_month') }}
),

components as (
    select
        bills_by_month.parent_item_id,
        bills_by_month.site_id,
        bills_by_month.component_item_id,
        bills_by_month.component_units
    from bills_by_month
    inner join cycle on bills_by_month.period_start_date = cycle.cycle_start_date
    where bills_by_month.is_default
)

{{ select_contract('components') }}
