with source_months as (
    select * from {{ ref('source_months') }}
),

source_bills as (
    select * from {{ ref('source_bills') }}
),

inputs as (
    select * from {{ ref('fct_source_inputs') }}
),

-- A component that is taken today and by no bill of the month is taken no more.
parts as (
    select distinct
        source_id,
        item_id,
        site_id
    from source_bills
),

by_month as (
    select
        parts.source_id,
        parts.item_id,
        parts.site_id,
        source_months.period_start_date,
        coalesce(source_bills.units_per_unit, 0) as units_per_unit,
        coalesce(inputs.units_per_unit, 0) as current_units_per_unit
    from parts
    inner join source_months
        on parts.source_id = source_months.source_id
        and source_months.is_open
    left join source_bills
        on parts.source_id = source_bills.source_id
        and parts.item_id = source_bills.item_id
        and parts.site_id = source_bills.site_id
        and source_months.period_start_date = source_bills.period_start_date
    left join inputs
        on parts.source_id = inputs.source_id
        and parts.item_id = inputs.item_id
        and parts.site_id = inputs.site_id
),

changes as (
    select
        source_id,
        item_id,
        site_id,
        period_start_date,
        units_per_unit,
        current_units_per_unit
    from by_month
    where units_per_unit <> current_units_per_unit
)

{{ select_contract('changes') }}
