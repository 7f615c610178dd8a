{{ config(materialized='table') }}

with recursive warehouses as (

    select * from {{ source('erpnext', 'warehouse') }}

),

companies as (

    select * from {{ source('erpnext', 'company') }}

),

{{ tree_of('warehouse', 'parent_warehouse') }},

-- Types that ERPNext's own set-up of a company leaves empty are known by the names that it gives.
typed as (

    select
        name,
        is_group,
        company,
        case
            when warehouse_type is not null then lower(warehouse_type)
            when warehouse_name = 'Work In Progress' then 'work in progress'
            when warehouse_name = 'Goods In Transit' then 'transit'
            else 'stores'
        end as warehouse_type
    from warehouses

),

-- A group right below the root is a site with all that is in it, and so is a single warehouse there whose type says so. What
-- else stands right below the root is one site together: that is how ERPNext sets a company up.
placed as (

    select
        roots.node as warehouse,
        case
            when branches.is_group or branches.warehouse_type in ('warehouse', 'plant', 'distribution centre')
                then branches.name
            else roots.ancestor
        end as site_warehouse
    from tree as roots
    left join tree as below_roots
        on roots.node = below_roots.node
        and below_roots.level = 1
    left join typed as branches on below_roots.ancestor = branches.name
    where roots.level = 0

),

site_names as (

    select distinct
        placed.site_warehouse,
        warehouses.company,
        -- 'Kassel - NA' is Kassel of the company NA.
        case
            when placed.site_warehouse like '% - ' || companies.abbr
                then substr(placed.site_warehouse, 1, length(placed.site_warehouse) - length(companies.abbr) - 3)
            else placed.site_warehouse
        end as short_name
    from placed
    inner join warehouses on placed.site_warehouse = warehouses.name
    left join companies on warehouses.company = companies.name

),

shared_names as (

    select short_name
    from site_names
    group by short_name
    having count(*) > 1

),

final as (

    select
        placed.warehouse,
        placed.site_warehouse,
        case when shared_names.short_name is null then site_names.short_name else site_names.site_warehouse end as site_id,
        typed.company,
        companies.default_currency as currency_code,
        typed.is_group,
        typed.warehouse_type,
        typed.warehouse_type = 'transit' as is_transit,
        case typed.warehouse_type
            when 'work in progress' then 'in_process'
            when 'quality' then 'quality'
            when 'rejected' then 'blocked'
            when 'consignment' then 'consignment'
            else 'unrestricted'
        end as stock_status
    from placed
    inner join typed on placed.warehouse = typed.name
    inner join site_names on placed.site_warehouse = site_names.site_warehouse
    left join shared_names on site_names.short_name = shared_names.short_name
    left join companies on typed.company = companies.name

)

select * from final
