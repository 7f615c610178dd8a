with sources as (
    select * from {{ ref('fct_sources') }}
),

routings as (
    select * from {{ ref('fct_routings') }}
),

-- Hours of a good unit become hours of a released one.
loads as (
    select
        sources.source_id,
        routings.resource_id,
        {{ product('routings.hours_per_unit', 'sources.yield_ratio', 'decimal(18,6)') }} as hours_per_unit
    from sources
    inner join routings
        on sources.item_id = routings.item_id
        and sources.site_id = routings.site_id
    where sources.source_type = 'make'
)

{{ select_contract('loads') }}
