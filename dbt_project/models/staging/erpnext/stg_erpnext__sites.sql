with warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

records as (

    select * from {{ source('erpnext', 'warehouse') }}

),

companies as (

    select * from {{ source('erpnext', 'company') }}

),

countries as (

    select * from {{ source('erpnext', 'country') }}

),

address_links as (

    select * from {{ source('erpnext', 'dynamic_link') }}
    where parenttype = 'Address' and link_doctype = 'Warehouse'

),

addresses as (

    select * from {{ ref('base_erpnext__countries') }}

),

workstations as (

    select * from {{ source('erpnext', 'workstation') }}

),

deliveries as (

    select * from {{ ref('base_erpnext__deliveries') }}

),

supplement as (

    select * from {{ source('erpnext', 'supplement_sites') }}

),

-- The address of the site's own node, else the first one by name of a warehouse in it.
site_countries as (

    select
        site_id,
        country_code
    from (
        select
            warehouses.site_id,
            addresses.country_code,
            row_number() over (
                partition by warehouses.site_id
                order by
                    case when warehouses.warehouse = warehouses.site_warehouse then 0 else 1 end,
                    warehouses.warehouse,
                    addresses.address
            ) as place
        from warehouses
        inner join address_links on warehouses.warehouse = address_links.link_name
        inner join addresses on address_links.parent = addresses.address
    ) as addressed
    where place = 1

),

making_sites as (

    select distinct warehouses.site_id
    from workstations
    inner join warehouses on workstations.warehouse = warehouses.warehouse

),

-- A plant works by the list of its workstations where they share one; every other site by that of its company.
making_lists as (

    select
        warehouses.site_id,
        case when min(workstations.holiday_list) = max(workstations.holiday_list) then min(workstations.holiday_list) end as holiday_list
    from workstations
    inner join warehouses on workstations.warehouse = warehouses.warehouse
    group by warehouses.site_id

),

delivering_sites as (

    select distinct warehouses.site_id
    from deliveries
    inner join warehouses on deliveries.warehouse = warehouses.warehouse

),

stocked_sites as (

    select distinct
        site_id,
        site_warehouse,
        company
    from warehouses
    where not is_group and not is_transit

),

final as (

    select
        stocked_sites.site_id,
        records.warehouse_name as site_name,
        -- What a site does says what it is.
        case
            when making_sites.site_id is not null then 'plant'
            when delivering_sites.site_id is not null then 'distribution_centre'
            else 'warehouse'
        end as site_type,
        coalesce(site_countries.country_code, upper(countries.code)) as country_code,
        supplement.region_id,
        companies.default_currency as currency_code,
        records.company as company_id,
        coalesce(supplement.calendar_id, making_lists.holiday_list, companies.default_holiday_list) as calendar_id,
        records.source_file_sha256,
        records.source_row_number
    from stocked_sites
    inner join records on stocked_sites.site_warehouse = records.name
    left join companies on records.company = companies.name
    left join countries on companies.country = countries.name
    left join site_countries on stocked_sites.site_id = site_countries.site_id
    left join making_lists on stocked_sites.site_id = making_lists.site_id
    left join making_sites on stocked_sites.site_id = making_sites.site_id
    left join delivering_sites on stocked_sites.site_id = delivering_sites.site_id
    left join supplement on stocked_sites.site_id = supplement.site_id

)

select * from final
