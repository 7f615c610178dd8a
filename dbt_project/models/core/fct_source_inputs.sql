with cycle as (
    select * from {{ ref('dim_cycle') }}
),

source_bills as (
    select * from {{ ref('source_bills') }}
),

inputs as (
    select
        source_bills.source_id,
        source_bills.item_id,
        source_bills.site_id,
        source_bills.units_per_unit
    from source_bills
    inner join cycle on source_bills.period_start_date = cycle.cycle_start_date
)

{{ select_contract('inputs') }}
