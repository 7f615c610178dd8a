with

bill as (select * from {{ ref('fct_bill_of_materials') }}),

costs as (select * from {{ ref('costs_in_force') }}),

items as (select * from {{ ref('dim_items') }}),

parts as (

    select
        bill.parent_item_id as item_id,
        bill.site_id,
        count(*) as components,
        sum({{ product('bill.component_units', 'costs.unit_cost', 'decimal(18,6)') }}) as parts_cost
    from bill
    inner join costs
        on bill.component_item_id = costs.item_id
        and bill.site_id = costs.site_id
    group by bill.parent_item_id, bill.site_id

),

compared as (

    select
        parts.item_id,
        parts.site_id,
        parts.components,
        parts.parts_cost,
        costs.unit_cost
    from parts
    inner join items on parts.item_id = items.item_id
    inner join costs
        on parts.item_id = costs.item_id
        and parts.site_id = costs.site_id
    where items.item_status <> 'blocked' and costs.unit_cost > 0

)

select
    item_id,
    site_id,
    components,
    parts_cost,
    unit_cost
from compared
