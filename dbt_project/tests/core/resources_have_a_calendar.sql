{{ config(store_failures=true, schema='findings') }}
-- A resource that routings need and that has no calendar would plan at 0 hours: deliver it in resource_capacities.
with routings as (
    select distinct resource_id from {{ ref('fct_routings') }}
),

resource_capacities as (
    select distinct resource_id from {{ ref('resource_capacities') }}
)

select routings.resource_id
from routings
left join resource_capacities on routings.resource_id = resource_capacities.resource_id
where resource_capacities.resource_id is null
