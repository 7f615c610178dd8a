{#- The bill that a make or subcontract follows in every horizon month: the default (lowest) alternative in force, or that of its own
    production version. A version that has neither bill nor routing of its own in a month is closed in it. -#}
with periods as (
    select * from {{ ref('dim_periods') }}
),

sources as (
    select * from {{ ref('fct_sources') }}
),

routings as (
    select * from {{ ref('fct_routings') }}
),

alternatives as (
    select distinct
        parent_item_id,
        site_id,
        period_start_date,
        bom_alternative_id,
        is_default
    from {{ ref('bills_by_month') }}
),

own_routings as (
    select distinct
        item_id,
        site_id,
        routing_alternative_id
    from routings
    where not is_default
)

select
    sources.source_id,
    sources.item_id,
    sources.site_id,
    periods.period_start_date,
    coalesce(own_bills.bom_alternative_id, default_bills.bom_alternative_id) as bom_alternative_id,
    sources.production_version_id is null
    or own_bills.bom_alternative_id is not null
    or own_routings.routing_alternative_id is not null as is_open
from sources
inner join periods on periods.is_horizon
left join alternatives as default_bills
    on sources.item_id = default_bills.parent_item_id
    and sources.site_id = default_bills.site_id
    and periods.period_start_date = default_bills.period_start_date
    and default_bills.is_default
left join alternatives as own_bills
    on sources.item_id = own_bills.parent_item_id
    and sources.site_id = own_bills.site_id
    and sources.production_version_id = own_bills.bom_alternative_id
    and periods.period_start_date = own_bills.period_start_date
    and not own_bills.is_default
left join own_routings
    on sources.item_id = own_routings.item_id
    and sources.site_id = own_routings.site_id
    and sources.production_version_id = own_routings.routing_alternative_id
where sources.source_type in ('make', 'subcontract')
