{#- Amounts of a currency that are a hundredth or a hundred times what the goods cost: decimals of the currency were not
    applied (SAP's TCURX), or twice. One item may be sold at any price; most lines of a currency are not. -#}
with

priced as (select * from {{ ref('order_line_prices') }}),

counted as (

    select
        currency_code,
        count(*) as order_lines,
        sum(case when is_off then 1 else 0 end) as lines_off,
        sum(net_amount) as net_amount,
        sum(standard_value) as standard_value
    from priced
    group by currency_code

)

select
    'order_amounts_off' as check_id,
    currency_code as object_id,
    {{ ratio('lines_off', 'order_lines') }} as measured_value,
    cast(0.5 as decimal(18, 6)) as limit_value,
    cast(lines_off as varchar) || ' of ' || cast(order_lines as varchar) || ' lines; ordered for '
    || {{ number_words('net_amount') }} || ', at standard cost ' || {{ number_words('standard_value') }} as evidence
from counted
where lines_off * 2 > order_lines
