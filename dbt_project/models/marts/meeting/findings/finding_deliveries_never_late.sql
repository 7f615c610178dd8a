with

cycle as (select * from {{ ref('dim_cycle') }}),

lines as (select * from {{ ref('fct_order_lines') }}),

due as (

    select
        lines.channel_id,
        count(*) as order_lines,
        sum(case when lines.shipped_by_requested_units < lines.ordered_units then 1 else 0 end) as missed_lines,
        sum(lines.net_amount) as value
    from lines
    inner join cycle
        on lines.requested_date >= {{ a_year_before('cycle') }}
        and lines.requested_date < cycle.cycle_start_date
    where lines.order_type = 'order' and not lines.is_cancelled
    group by lines.channel_id

),

found as (

    select
        channel_id as object_id,
        cast(null as varchar) as item_id,
        order_lines as quantity,
        value,
        'all ' || {{ count_words('order_lines', 'lines') }} || ' wanted in 12 months left in full and in time' as evidence
    from due
    where order_lines >= 500 and missed_lines = 0

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
