{#- Components of a make or subcontract by month of release. A bill counts what one started unit takes; losses of the output lie in
    the source's yield. -#}
with source_months as (
    select * from {{ ref('source_months') }}
),

bills as (
    select * from {{ ref('bills_by_month') }}
)

select
    source_months.source_id,
    source_months.period_start_date,
    bills.component_item_id as item_id,
    bills.site_id,
    bills.component_units as units_per_unit
from source_months
inner join bills
    on source_months.item_id = bills.parent_item_id
    and source_months.site_id = bills.site_id
    and source_months.period_start_date = bills.period_start_date
    and source_months.bom_alternative_id = bills.bom_alternative_id
where source_months.is_open
