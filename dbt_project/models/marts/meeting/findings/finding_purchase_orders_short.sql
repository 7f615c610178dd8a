with

cycle as (select * from {{ ref('dim_cycle') }}),

lines as (select * from {{ ref('purchase_order_lines') }}),

fx_rates as (select * from {{ ref('fct_fx_rates') }}),

found as (

    select
        lines.purchase_order_id || ' / ' || lines.line_id as object_id,
        lines.item_id,
        lines.ordered_units - lines.received_units as quantity,
        {{ in_company_currency('cast(lines.ordered_units - lines.received_units as double precision) * cast(lines.unit_price as double precision)', 'fx_rates.rate') }}
            as value,
        lines.supplier_id || ': ' || {{ number_words('lines.received_units') }} || ' of ' || {{ number_words('lines.ordered_units') }}
        || ' received, due on ' || cast(lines.due_date as varchar) as evidence
    from lines
    inner join cycle on lines.due_date < cycle.cycle_start_date
    left join fx_rates
        on lines.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
    where lines.is_closed and lines.received_units < lines.ordered_units

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
