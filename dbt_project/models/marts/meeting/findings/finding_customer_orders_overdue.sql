with

cycle as (select * from {{ ref('dim_cycle') }}),

lines as (select * from {{ ref('fct_order_lines') }}),

found as (

    select
        lines.order_id || ' / ' || lines.line_id as object_id,
        lines.item_id,
        lines.ordered_units - lines.shipped_units as quantity,
        {{ product('lines.net_amount', ratio('lines.ordered_units - lines.shipped_units', 'lines.ordered_units', 'double precision')) }}
            as value,
        'wanted on ' || cast(lines.requested_date as varchar) || ', ' || {{ number_words('lines.ordered_units - lines.shipped_units') }}
        || ' of ' || {{ number_words('lines.ordered_units') }} || ' still owed' as evidence
    from lines
    inner join cycle on lines.requested_date < cycle.cycle_start_date
    where lines.is_open

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
