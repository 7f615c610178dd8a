with

lines as (select * from {{ ref('sales_order_lines') }}),

valued as (select * from {{ ref('fct_order_lines') }}),

found as (

    select
        lines.channel_id || ' ' || cast(lines.recorded_demand_date as varchar) as object_id,
        cast(null as varchar) as item_id,
        sum(lines.ordered_units) as quantity,
        sum(valued.net_amount) as value,
        {{ count_words('count(distinct lines.order_id)', 'orders') }} || ', ' || {{ count_words('count(*)', 'lines') }}
        || ' posted on ' || cast(lines.recorded_demand_date as varchar)
        || ', counted in ' || {{ month_words(month_of('lines.demand_date')) }} as evidence
    from lines
    inner join valued
        on lines.order_id = valued.order_id
        and lines.line_id = valued.line_id
    where
        {{ month_of('lines.recorded_demand_date') }} <> {{ month_of('lines.demand_date') }}
        and lines.order_type = 'order'
        and not lines.is_cancelled
    group by lines.channel_id, lines.recorded_demand_date, {{ month_of('lines.demand_date') }}

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
