with items as (

    select * from {{ source('erpnext', 'item') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}
    where item_code = item_id and is_planned

),

defaults as (

    select * from {{ source('erpnext', 'item_default') }}

),

reorders as (

    select * from {{ source('erpnext', 'item_reorder') }}

),

suppliers as (

    select distinct parent as item_code from {{ source('erpnext', 'item_supplier') }}

),

limits as (

    select * from {{ source('erpnext', 'putaway_rule') }}
    where not disable

),

bins as (

    select * from {{ source('erpnext', 'bin') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

-- A bundle is put together where it is sold.
bundles_sold as (

    select distinct
        item_codes.item_id,
        warehouses.site_id
    from (
        select item_code, warehouse from {{ source('erpnext', 'sales_order_item') }}
        union
        select item_code, warehouse from {{ source('erpnext', 'delivery_note_item') }}
    ) as sold
    inner join item_codes on sold.item_code = item_codes.item_code
    inner join warehouses on sold.warehouse = warehouses.warehouse
    where item_codes.is_bundle

),

supplement as (

    select * from {{ source('erpnext', 'supplement_item_sites') }}

),

-- One site of an item is its own: that of its default warehouse, of the first company by name.
home_sites as (

    select
        item_id,
        site_id
    from (
        select
            defaults.parent as item_id,
            warehouses.site_id,
            row_number() over (partition by defaults.parent order by defaults.company, defaults.name) as place
        from defaults
        inner join warehouses on defaults.default_warehouse = warehouses.warehouse
    ) as placed
    where place = 1

),

reordered as (

    select
        reorders.parent as item_id,
        warehouses.site_id,
        max(case when reorders.material_request_type = 'Manufacture' then 1 else 0 end) as is_made,
        max(case when reorders.material_request_type = 'Purchase' then 1 else 0 end) as is_bought,
        max(case when reorders.material_request_type = 'Transfer' then 1 else 0 end) as is_moved,
        nullif(sum(reorders.warehouse_reorder_level), 0) as reorder_point_units,
        nullif(max(reorders.warehouse_reorder_qty), 0) as lot_minimum_units
    from reorders
    inner join warehouses on reorders.warehouse = warehouses.warehouse
    group by reorders.parent, warehouses.site_id

),

limited as (

    select
        limits.item_code as item_id,
        warehouses.site_id,
        sum(limits.stock_capacity) as maximum_stock_units
    from limits
    inner join warehouses on limits.warehouse = warehouses.warehouse
    group by limits.item_code, warehouses.site_id

),

keys as (

    select item_id, site_id from home_sites
    union
    select item_id, site_id from reordered
    union
    select item_id, site_id from limited
    union
    select bins.item_code as item_id, warehouses.site_id
    from bins
    inner join warehouses on bins.warehouse = warehouses.warehouse
    where not warehouses.is_transit
    union
    select item_id, site_id from supplement
    union
    select item_id, site_id from bundles_sold

),

described as (

    select
        keys.item_id,
        keys.site_id,
        item_codes.is_bundle,
        items.default_material_request_type as item_type_of_request,
        items.is_purchase_item and suppliers.item_code is not null as has_suppliers,
        coalesce(home_sites.site_id, keys.site_id) = keys.site_id as is_home,
        reordered.is_made,
        reordered.is_bought,
        reordered.is_moved,
        reordered.reorder_point_units,
        reordered.lot_minimum_units,
        limited.maximum_stock_units,
        nullif(items.safety_stock, 0) as safety_stock,
        nullif(items.lead_time_days, 0) as lead_time_days,
        items.source_file_sha256,
        items.source_row_number
    from keys
    inner join item_codes on keys.item_id = item_codes.item_id
    inner join items on keys.item_id = items.name
    left join suppliers on keys.item_id = suppliers.item_code
    left join home_sites on keys.item_id = home_sites.item_id
    left join reordered
        on keys.item_id = reordered.item_id
        and keys.site_id = reordered.site_id
    left join limited
        on keys.item_id = limited.item_id
        and keys.site_id = limited.site_id

),

-- What is ordered again at the site says how it is got there; else the item's own type says it for its home site, and
-- elsewhere it was moved to.
procured as (

    select
        described.*,
        case
            when is_bundle then 'make'
            when is_made = 1 and (is_bought = 1 or has_suppliers) then 'both'
            when is_made = 1 then 'make'
            when is_bought = 1 then 'buy'
            when is_moved = 1 then 'move'
            when not is_home then 'move'
            when item_type_of_request = 'Manufacture' and has_suppliers then 'both'
            when item_type_of_request = 'Manufacture' then 'make'
            when item_type_of_request = 'Purchase' then 'buy'
            when item_type_of_request = 'Material Transfer' then 'move'
        end as procurement_type
    from described

),

final as (

    select
        procured.item_id,
        procured.site_id,
        procured.procurement_type,
        -- The item's safety stock is one for the company: it stands at its home site, and is not repeated at each.
        cast(
            coalesce(supplement.safety_stock_units, case when procured.is_home then procured.safety_stock end)
            as decimal(18, 3)
        ) as safety_stock_units,
        cast(procured.maximum_stock_units as decimal(18, 3)) as maximum_stock_units,
        cast(
            case when procured.procurement_type in ('make', 'both')
                then coalesce(supplement.make_lead_time_days, case when procured.is_bundle then 0 else procured.lead_time_days end) end
            as decimal(18, 6)
        ) as make_lead_time_days,
        cast(procured.lot_minimum_units as decimal(18, 3)) as lot_minimum_units,
        cast(supplement.lot_multiple_units as decimal(18, 3)) as lot_multiple_units,
        cast(procured.reorder_point_units as decimal(18, 3)) as reorder_point_units,
        cast(
            case when procured.procurement_type in ('buy', 'both') then procured.lead_time_days end
            as decimal(18, 6)
        ) as purchase_lead_time_days,
        procured.source_file_sha256,
        procured.source_row_number
    from procured
    left join supplement
        on procured.item_id = supplement.item_id
        and procured.site_id = supplement.site_id

)

select * from final
