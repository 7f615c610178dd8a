{#- Items sold at more than fifty times their standard cost, or less than a fiftieth: a price or a cost per 100 or 1000
    (SAP's PEINH) was read as one for a single unit. -#}
with

priced as (select * from {{ ref('order_line_prices') }}),

of_items as (

    select
        item_id,
        sum(net_amount) as net_amount,
        sum(standard_value) as standard_value
    from priced
    group by item_id

),

compared as (

    select
        item_id,
        net_amount,
        standard_value,
        {{ ratio('net_amount', 'standard_value') }} as price_to_cost_ratio,
        sum(net_amount) over () as net_amount_of_all
    from of_items

)

select
    'item_prices_off' as check_id,
    item_id as object_id,
    price_to_cost_ratio as measured_value,
    cast({{ price_to_cost_factor() }} as decimal(18, 6)) as limit_value,
    'ordered for ' || {{ number_words('net_amount') }} || ', at standard cost ' || {{ number_words('standard_value') }} as evidence
from compared
where price_to_cost_ratio > {{ price_to_cost_factor() }} or price_to_cost_ratio * {{ price_to_cost_factor() }} < 1

union all

select
    'item_prices_off_in_sum' as check_id,
    'all items' as object_id,
    {{ ratio('sum(net_amount)', 'max(net_amount_of_all)') }} as measured_value,
    cast({{ prices_off_maximum_ratio() }} as decimal(18, 6)) as limit_value,
    cast(count(*) as varchar) || ' items; the largest: ' || max(case when place = 1 then item_id end) as evidence
from (
    select
        compared.*,
        row_number() over (order by net_amount desc, item_id) as place
    from compared
    where price_to_cost_ratio > {{ price_to_cost_factor() }} or price_to_cost_ratio * {{ price_to_cost_factor() }} < 1
) as off
having sum(net_amount) > {{ prices_off_maximum_ratio() }} * max(net_amount_of_all)
