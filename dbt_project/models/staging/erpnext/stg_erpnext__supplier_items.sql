with item_suppliers as (

    select * from {{ source('erpnext', 'item_supplier') }}

),

items as (

    select * from {{ source('erpnext', 'item') }}

),

item_sites as (

    select * from {{ ref('stg_erpnext__item_sites') }}
    where procurement_type in ('buy', 'both')

),

defaults as (

    select * from {{ source('erpnext', 'item_default') }}
    where default_supplier is not null

),

suppliers as (

    select * from {{ ref('stg_erpnext__suppliers') }}

),

prices as (

    select * from {{ ref('base_erpnext__item_prices') }}
    where buying
        and valid_from_date <= {{ cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'") }}
        and (valid_to_date is null or valid_to_date >= {{ cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'") }})

),

supplement as (

    select * from {{ source('erpnext', 'supplement_supplier_items') }}

),

default_suppliers as (

    select distinct
        parent as item_code,
        default_supplier
    from defaults

),

-- The default supplier comes first, then the order in which the item names them.
ranked as (

    select
        item_suppliers.*,
        row_number() over (
            partition by item_suppliers.parent
            order by case when default_suppliers.default_supplier is null then 1 else 0 end, item_suppliers.idx
        ) as priority
    from item_suppliers
    left join default_suppliers
        on item_suppliers.parent = default_suppliers.item_code
        and item_suppliers.supplier = default_suppliers.default_supplier

),

-- The price in force: the supplier's own before one of everybody, and of several the newest.
current_prices as (

    select
        item_id,
        supplier_id,
        currency,
        unit_price
    from (
        select
            ranked.parent as item_id,
            ranked.supplier as supplier_id,
            prices.currency,
            prices.unit_price,
            row_number() over (
                partition by ranked.parent, ranked.supplier
                order by
                    case when prices.supplier is null then 1 else 0 end,
                    prices.valid_from_date desc,
                    prices.name
            ) as place
        from ranked
        inner join prices
            on ranked.parent = prices.item_id
            and (prices.supplier is null or ranked.supplier = prices.supplier)
    ) as ordered
    where place = 1

),

final as (

    select
        ranked.supplier as supplier_id,
        ranked.parent as item_id,
        item_sites.site_id,
        cast(coalesce(supplement.lead_time_days, nullif(items.lead_time_days, 0)) as decimal(18, 6)) as lead_time_days,
        cast(coalesce(supplement.minimum_order_units, nullif(items.min_order_qty, 0)) as decimal(18, 3))
            as minimum_order_units,
        coalesce(supplement.unit_price, current_prices.unit_price) as unit_price,
        true as is_in_base_uom,
        coalesce(current_prices.currency, suppliers.currency_code) as currency_code,
        cast(coalesce(supplement.priority, ranked.priority) as integer) as priority,
        suppliers.is_active,
        ranked.source_file_sha256,
        ranked.source_row_number
    from ranked
    inner join items on ranked.parent = items.name
    inner join item_sites on ranked.parent = item_sites.item_id
    left join suppliers on ranked.supplier = suppliers.supplier_id
    left join current_prices
        on ranked.parent = current_prices.item_id
        and ranked.supplier = current_prices.supplier_id
    left join supplement
        on ranked.supplier = supplement.supplier_id
        and ranked.parent = supplement.item_id
        and item_sites.site_id = supplement.site_id

)

select * from final
