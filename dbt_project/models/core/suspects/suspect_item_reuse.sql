{#- Orders more than a year before the item was launched: the number belonged to another item before, whose history would be
    taken for that of the new one. -#}
with

order_lines as (select * from {{ ref('fct_order_lines') }}),

items as (select * from {{ ref('dim_items') }}),

early as (

    select
        items.item_id,
        items.launch_date,
        count(*) as order_lines,
        min(order_lines.ordered_date) as first_ordered_date
    from order_lines
    inner join items on order_lines.item_id = items.item_id
    where order_lines.ordered_date < {{ months_after('items.launch_date', -12) }}
    group by items.item_id, items.launch_date

)

select
    'item_numbers_used_again' as check_id,
    item_id as object_id,
    cast(order_lines as decimal(18, 6)) as measured_value,
    cast(0 as decimal(18, 6)) as limit_value,
    cast(order_lines as varchar) || ' order lines from ' || cast(first_ordered_date as varchar) || ' on, launched '
    || cast(launch_date as varchar) as evidence
from early
