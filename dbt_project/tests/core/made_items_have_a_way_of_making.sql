{{ config(store_failures=true, schema='findings') }}
-- Items are made here, but no bill of materials and no routing came: deliver bom_lines and routing_operations. Only a company
-- that makes nothing can leave them out; then procurement_type in item_sites is buy or move.
with item_sites as (
    select * from {{ ref('item_sites') }}
),

made as (
    select
        count(*) as made_item_sites,
        min(item_id) as example_item_id
    from item_sites
    where procurement_type in ('make', 'both')
),

bills as (
    select count(*) as bill_rows from {{ ref('bom_lines') }}
),

routings as (
    select count(*) as routing_rows from {{ ref('routing_operations') }}
)

select
    made.made_item_sites,
    made.example_item_id,
    bills.bill_rows,
    routings.routing_rows
from made
cross join bills
cross join routings
where made.made_item_sites > 0 and bills.bill_rows = 0 and routings.routing_rows = 0
