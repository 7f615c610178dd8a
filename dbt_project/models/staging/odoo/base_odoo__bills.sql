{{ config(materialized='table') }}

with bills as (
    select * from {{ source('odoo', 'mrp_bom') }}
    where coalesce(active, true)
),

items as (
    select * from {{ ref('base_odoo__items') }}
    where not is_service
),

factors as (
    select * from {{ ref('base_odoo__uom_factors') }}
),

operation_types as (
    select * from {{ source('odoo', 'stock_picking_type') }}
),

warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
),

-- A bill is a template's, or one variant's alone.
of_variants as (
    select
        bills.*,
        items.product_id as made_product_id,
        items.item_id,
        operation_types.warehouse_id as made_in_warehouse_id
    from bills
    inner join items
        on bills.product_tmpl_id = items.product_tmpl_id
        and (bills.product_id is null or bills.product_id = items.product_id)
    left join operation_types on bills.picking_type_id = operation_types.id
),

-- A bill that names no operation type holds in the plants of its company; that of a kit, which is put together where it is
-- picked, in every warehouse of it.
plants as (
    select distinct made_in_warehouse_id as warehouse_id
    from of_variants
    where made_in_warehouse_id is not null
),

placed as (
    select
        of_variants.*,
        warehouses.warehouse_id,
        warehouses.site_id
    from of_variants
    inner join warehouses
        on of_variants.made_in_warehouse_id = warehouses.warehouse_id
        or (
            of_variants.made_in_warehouse_id is null
            and coalesce(of_variants.company_id, warehouses.company_id) = warehouses.company_id
            and (
                of_variants.type = 'phantom'
                or warehouses.warehouse_id in (select warehouse_id from plants)
                or not exists (
                    select 1
                    from plants
                    inner join warehouses as others on plants.warehouse_id = others.warehouse_id
                    where others.company_id = warehouses.company_id
                )
            )
        )
)

-- Odoo takes the bill with the lowest sequence, of these one for the variant before one for its template.
select
    placed.id as bom_id,
    placed.made_product_id as product_id,
    placed.item_id,
    placed.warehouse_id,
    placed.site_id,
    placed.type as bom_type,
    placed.produce_delay,
    cast(
        row_number() over (
            partition by placed.made_product_id, placed.site_id
            order by placed.sequence, case when placed.product_id is null then 1 else 0 end, placed.id
        ) as varchar
    ) as bom_alternative_id,
    cast(placed.product_qty * factors.numerator as double precision) / cast(factors.denominator as double precision)
        as output_units
from placed
left join factors
    on placed.made_product_id = factors.product_id
    and placed.product_uom_id = factors.uom_id
-- A subcontracted item is bought; what its bill consumes leaves stock as a delivery to the subcontractor.
where placed.type in ('normal', 'phantom')
