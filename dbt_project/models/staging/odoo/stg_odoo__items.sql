with items as (
    select * from {{ ref('base_odoo__items') }}
    where not is_service
),

categories as (
    select * from {{ ref('base_odoo__categories') }}
),

bills as (
    select distinct product_id from {{ ref('base_odoo__bills') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_items') }}
),

-- Weights are kilograms, or pounds where the system is set so.
pounds as (
    select count(*) as has_pounds
    from {{ source('odoo', 'ir_config_parameter') }}
    where key = 'product.weight_in_lbs' and value = '1'
)

select
    items.item_id,
    items.item_name,
    coalesce(
        supplement.item_type,
        case
            when items.can_be_sold and bills.product_id is not null then 'finished'
            when items.can_be_sold then 'trade'
            when bills.product_id is not null then 'semi_finished'
            else 'component'
        end
    ) as item_type,
    categories.category_name as category_id,
    categories.family_name as family_id,
    categories.subfamily_name as subfamily_id,
    items.base_uom_id,
    case
        when pounds.has_pounds = 0 then items.weight
        else {{ product('items.weight', '0.45359237', 'decimal(18,6)') }}
    end as weight_kg,
    coalesce(supplement.item_status, case when items.is_active then 'active' else 'blocked' end) as item_status,
    items.can_be_sold and items.is_active as is_saleable,
    supplement.launch_date,
    supplement.end_date,
    supplement.successor_item_id,
    items.source_file_sha256,
    items.source_row_number
from items
cross join pounds
left join categories on items.categ_id = categories.categ_id
left join bills on items.product_id = bills.product_id
left join supplement on items.item_id = supplement.item_id
