with

cycle as (select * from {{ ref('dim_cycle') }}),

lines as (select * from {{ ref('fct_order_lines') }}),

recent as (

    select
        lines.channel_id,
        count(*) as order_lines,
        sum(case when lines.confirmed_date is null then 1 else 0 end) as without_promise,
        sum(case when lines.confirmed_date is null then lines.net_amount else 0 end) as value
    from lines
    inner join cycle
        on lines.ordered_date >= {{ a_year_before('cycle') }}
        and lines.ordered_date < cycle.cycle_start_date
    where lines.order_type = 'order' and not lines.is_cancelled
    group by lines.channel_id

),

found as (

    select
        channel_id as object_id,
        cast(null as varchar) as item_id,
        without_promise as quantity,
        value,
        {{ number_words('without_promise') }} || ' of ' || {{ count_words('order_lines', 'lines') }} || ' in 12 months have no promised day'
            as evidence
    from recent
    where 2 * without_promise > order_lines

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
