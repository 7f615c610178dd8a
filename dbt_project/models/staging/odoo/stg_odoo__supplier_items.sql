with terms as (
    select * from {{ source('odoo', 'product_supplierinfo') }}
),

items as (
    select * from {{ ref('base_odoo__items') }}
    where not is_service
),

partners as (
    select * from {{ ref('base_odoo__partners') }}
),

companies_of_partners as (
    select * from {{ source('odoo', 'res_partner') }}
),

currencies as (
    select * from {{ source('odoo', 'res_currency') }}
),

factors as (
    select * from {{ ref('base_odoo__uom_factors') }}
),

warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_supplier_items') }}
),

bought as (
    select product_id, warehouse_id from {{ ref('base_odoo__item_routes') }}
    where way = 'buy'
),

cycle as (
    select cycle_start_date from {{ ref('dim_cycle') }}
),

-- Terms name no site: they hold in every warehouse of their company that buys the item.
placed as (
    select
        terms.*,
        items.product_id as bought_product_id,
        items.item_id,
        warehouses.site_id,
        partners.partner_code,
        coalesce(companies_of_partners.active, true) as is_partner_active,
        coalesce(terms.product_uom_id, items.purchase_uom_id) as uom_id
    from terms
    inner join items
        on terms.product_id = items.product_id
        or (terms.product_id is null and terms.product_tmpl_id = items.product_tmpl_id)
    inner join bought on items.product_id = bought.product_id
    inner join warehouses
        on bought.warehouse_id = warehouses.warehouse_id
        and coalesce(terms.company_id, warehouses.company_id) = warehouses.company_id
    cross join cycle
    left join partners on terms.partner_id = partners.partner_id
    left join companies_of_partners on partners.commercial_partner_id = companies_of_partners.id
    where
        (terms.date_start is null or terms.date_start <= cycle.cycle_start_date)
        and (terms.date_end is null or terms.date_end >= cycle.cycle_start_date)
),

-- Of a supplier's prices by quantity the one that holds from the smallest on, and of those Odoo's first.
ranked as (
    select
        *,
        row_number() over (
            partition by partner_code, bought_product_id, site_id
            order by coalesce(min_qty, 0), case when product_id is null then 1 else 0 end, coalesce(sequence, 1), price, id
        ) as place
    from placed
),

ordered as (
    select
        *,
        row_number() over (
            partition by bought_product_id, site_id order by coalesce(sequence, 1), price, id
        ) as priority
    from ranked
    where place = 1
)

select
    ordered.partner_code as supplier_id,
    ordered.item_id,
    ordered.site_id,
    coalesce(supplement.lead_time_days, ordered.delay) as lead_time_days,
    coalesce(
        supplement.minimum_order_units,
        {{ to_base_units('ordered.min_qty', 'factors.numerator', 'factors.denominator') }}
    ) as minimum_order_units,
    coalesce(supplement.unit_price, {{ rounded(
        'cast(ordered.price * factors.denominator as double precision)'
        ~ ' * (1 - cast(coalesce(ordered.discount, 0) as double precision) / 100.0)'
        ~ ' / cast(factors.numerator as double precision)',
        'decimal(18,6)'
    ) }}) as unit_price,
    factors.numerator is not null as is_in_base_uom,
    currencies.name as currency_code,
    cast(ordered.priority as integer) as priority,
    ordered.is_partner_active as is_active,
    ordered.source_file_sha256,
    ordered.source_row_number
from ordered
left join factors on ordered.bought_product_id = factors.product_id and ordered.uom_id = factors.uom_id
left join currencies on ordered.currency_id = currencies.id
left join supplement
    on ordered.partner_code = supplement.supplier_id
    and ordered.item_id = supplement.item_id
    and ordered.site_id = supplement.site_id
