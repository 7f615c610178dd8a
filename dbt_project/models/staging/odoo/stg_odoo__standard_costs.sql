with items as (
    select * from {{ ref('base_odoo__items') }}
    where not is_service
),

item_sites as (
    select item_id, site_id from {{ ref('stg_odoo__item_sites') }}
),

warehouses as (
    select * from {{ ref('base_odoo__warehouses') }}
),

properties as (
    select
        res_id,
        company_id,
        min(value_float) as value_float
    from {{ source('odoo', 'ir_property') }}
    where name = 'standard_price'
    group by res_id, company_id
),

supplement as (
    select * from {{ source('odoo', 'supplement_standard_costs') }}
),

-- The cost of now, of the company of the site, from the day on that the item exists.
current_costs as (
    select
        items.item_id,
        item_sites.site_id,
        coalesce({{ odoo_day('items.create_date', 'warehouses.time_zone') }}, cast('1970-01-01' as date)) as valid_from_date,
        coalesce(
            cast({{ odoo_company_value('items.standard_price', 'warehouses.company_id') }} as double precision),
            properties.value_float
        ) as unit_cost,
        warehouses.currency_code,
        items.source_file_sha256,
        items.source_row_number
    from items
    inner join item_sites on items.item_id = item_sites.item_id
    inner join warehouses on item_sites.site_id = warehouses.site_id
    left join properties
        on properties.res_id = 'product.product,' || cast(items.product_id as varchar)
        and properties.company_id = warehouses.company_id
),

told as (
    select distinct item_id, site_id from supplement
)

select
    item_id,
    site_id,
    valid_from_date,
    unit_cost,
    'stated' as cost_basis,
    currency_code,
    source_file_sha256,
    source_row_number
from supplement

union all

select
    current_costs.item_id,
    current_costs.site_id,
    current_costs.valid_from_date,
    {{ rounded('current_costs.unit_cost', 'decimal(18,6)') }} as unit_cost,
    'stated' as cost_basis,
    current_costs.currency_code,
    current_costs.source_file_sha256,
    current_costs.source_row_number
from current_costs
left join told on current_costs.item_id = told.item_id and current_costs.site_id = told.site_id
-- 0 is what Odoo has where nobody has entered a cost.
where told.item_id is null and current_costs.unit_cost > 0
