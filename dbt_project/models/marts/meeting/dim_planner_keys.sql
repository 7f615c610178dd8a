with

cycle as (select * from {{ ref('dim_cycle') }}),

items as (select * from {{ ref('dim_items') }}),

keys as (

    select 'core.dim_items.item_id' as reference, item_id as key_id, item_name as key_name, subfamily_id as parent_key_id from items
    union all
    select 'core.dim_items.subfamily_id', subfamily_id, subfamily_id, min(family_id) from items group by subfamily_id
    union all
    select 'core.dim_items.family_id', family_id, family_id, min(category_id) from items group by family_id
    union all
    select distinct 'core.dim_items.category_id', category_id, category_id, cast(null as {{ dbt.type_string() }}) from items
    union all
    select 'core.dim_sites.site_id', site_id, site_name, cast(null as {{ dbt.type_string() }}) from {{ ref('dim_sites') }}
    union all
    select 'core.dim_channels.channel_id', channel_id, channel_id, cast(null as {{ dbt.type_string() }}) from {{ ref('dim_channels') }}
    union all
    select distinct 'core.dim_customers.customer_group', customer_group, customer_group, cast(null as {{ dbt.type_string() }}) from {{ ref('dim_customers') }}
    union all
    select distinct 'core.dim_customers.region_id', region_id, region_id, cast(null as {{ dbt.type_string() }}) from {{ ref('dim_customers') }} where region_id is not null
    union all
    select 'core.dim_resources.resource_id', resource_id, resource_name, cast(null as {{ dbt.type_string() }}) from {{ ref('dim_resources') }}
    union all
    select 'core.dim_suppliers.supplier_id', supplier_id, supplier_name, cast(null as {{ dbt.type_string() }}) from {{ ref('dim_suppliers') }}
    union all
    select 'marts.fct_market_indices.index_id', index_id, min(index_name), cast(null as {{ dbt.type_string() }}) from {{ ref('fct_market_indices') }} group by index_id
    union all
    select 'marts.kpi_dictionary.kpi_id', kpi_id, kpi_name, cast(null as {{ dbt.type_string() }}) from {{ ref('kpi_dictionary') }}

),

final as (

    select
        cycle.cycle_id,
        keys.reference,
        keys.key_id,
        keys.key_name,
        keys.parent_key_id
    from keys
    cross join cycle

)

{{ select_contract('final') }}
