with

cycle as (select * from {{ ref('dim_cycle') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

order_lines as (select * from {{ ref('purchase_order_lines') }}),

terms as (select * from {{ ref('supplier_items') }}),

fx_rates as (select * from {{ ref('fct_fx_rates') }}),

measured as (

    select
        receipts.supplier_id,
        receipts.item_id,
        receipts.site_id,
        count(*) as receipts,
        {{ ratio('sum(receipts.lead_time_days)', 'count(*)', 'decimal(18,1)') }} as measured_days,
        sum({{ in_company_currency('cast(receipts.received_units as double precision) * cast(order_lines.unit_price as double precision)', 'fx_rates.rate') }})
            as value
    from receipts
    inner join cycle
        on receipts.received_date >= {{ a_year_before('cycle') }}
        and receipts.received_date < cycle.cycle_start_date
    inner join order_lines
        on receipts.purchase_order_id = order_lines.purchase_order_id
        and receipts.line_id = order_lines.line_id
    left join fx_rates
        on order_lines.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
    group by receipts.supplier_id, receipts.item_id, receipts.site_id
    having count(*) >= 3

),

compared as (

    select
        terms.supplier_id,
        terms.item_id,
        terms.site_id,
        terms.lead_time_days,
        measured.receipts,
        measured.measured_days,
        measured.value,
        abs(measured.measured_days - terms.lead_time_days) > 7
        and abs(measured.measured_days - terms.lead_time_days) > 0.25 * terms.lead_time_days as is_off
    from measured
    inner join terms
        on measured.supplier_id = terms.supplier_id
        and measured.item_id = terms.item_id
        and measured.site_id = terms.site_id

)

select
    supplier_id,
    item_id,
    site_id,
    lead_time_days,
    receipts,
    measured_days,
    value,
    is_off
from compared
