with sources as (
    select * from {{ ref('fct_sources') }}
),

routings as (
    select * from {{ ref('fct_routings') }}
),

-- Hours of a good unit become hours of a released one. A version without a routing of its own takes the default one.
own_routings as (
    select distinct
        item_id,
        site_id,
        routing_alternative_id
    from routings
    where not is_default
),

loads as (
    select
        sources.source_id,
        routings.resource_id,
        {{ product('routings.hours_per_unit', 'sources.yield_ratio', 'decimal(18,6)') }} as hours_per_unit,
        {{ product('routings.setup_hours_per_unit', 'sources.yield_ratio', 'decimal(18,6)') }} as setup_hours_per_unit
    from sources
    inner join routings
        on sources.item_id = routings.item_id
        and sources.site_id = routings.site_id
    left join own_routings
        on sources.item_id = own_routings.item_id
        and sources.site_id = own_routings.site_id
        and sources.production_version_id = own_routings.routing_alternative_id
    where
        routings.is_default = (own_routings.routing_alternative_id is null)
        and (routings.is_default or routings.routing_alternative_id = own_routings.routing_alternative_id)
        and sources.source_type = 'make'
)

{{ select_contract('loads') }}
