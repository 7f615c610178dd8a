{{ config(materialized='table') }}

with bills as (

    select * from {{ source('erpnext', 'bom') }}
    where docstatus = 1 and is_active

),

operations as (

    select * from {{ source('erpnext', 'bom_operation') }}

),

workstations as (

    select * from {{ source('erpnext', 'workstation') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

item_sites as (

    select * from {{ ref('stg_erpnext__item_sites') }}

),

-- A bill has no site: it is made where the workstations of its operations stand ...
worked_sites as (

    select distinct
        operations.parent as bom,
        warehouses.site_id
    from operations
    inner join workstations on operations.workstation = workstations.name
    inner join warehouses on workstations.warehouse = warehouses.warehouse

),

bundled as (

    select
        bundles.name as bom,
        item_codes.item_id,
        item_sites.site_id
    from {{ source('erpnext', 'product_bundle') }} as bundles
    inner join item_codes on bundles.new_item_code = item_codes.item_code
    inner join item_sites on item_codes.item_id = item_sites.item_id
    where item_codes.is_bundle

),

placed as (

    select
        bills.name as bom,
        item_codes.item_id,
        bills.quantity,
        bills.process_loss_percentage,
        bills.is_default,
        -- ... and one that names none, wherever the item is made.
        coalesce(worked_sites.site_id, item_sites.site_id) as site_id
    from bills
    inner join item_codes on bills.item = item_codes.item_code
    left join worked_sites on bills.name = worked_sites.bom
    left join item_sites
        on item_codes.item_id = item_sites.item_id
        and item_sites.procurement_type in ('make', 'both')
        and worked_sites.bom is null
    where item_codes.is_planned and not item_codes.is_bundle

    union all

    select
        bom,
        item_id,
        1 as quantity,
        0 as process_loss_percentage,
        true as is_default,
        site_id
    from bundled

),

final as (

    select
        bom,
        item_id,
        site_id,
        quantity,
        process_loss_percentage,
        -- The default is the lowest, and of the others the newest comes first.
        cast(row_number() over (partition by item_id, site_id order by is_default desc, bom desc) as varchar)
            as alternative_id
    from placed
    where site_id is not null

)

select * from final
