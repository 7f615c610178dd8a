with

cycle as (select * from {{ ref('dim_cycle') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

lines as (select * from {{ ref('purchase_order_lines') }}),

suppliers as (select * from {{ ref('dim_suppliers') }}),

fx_rates as (select * from {{ ref('fct_fx_rates') }}),

by_supplier as (

    select
        receipts.supplier_id,
        sum(receipts.received_units) as received_units,
        sum(receipts.rejected_units) as rejected_units,
        sum({{ in_company_currency('cast(receipts.rejected_units as double precision) * cast(lines.unit_price as double precision)', 'fx_rates.rate') }})
            as value
    from receipts
    inner join lines
        on receipts.purchase_order_id = lines.purchase_order_id
        and receipts.line_id = lines.line_id
    cross join cycle
    left join fx_rates
        on lines.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
    where receipts.received_date < cycle.cycle_start_date
    group by receipts.supplier_id

),

found as (

    select
        by_supplier.supplier_id as object_id,
        cast(null as varchar) as item_id,
        by_supplier.rejected_units as quantity,
        by_supplier.value,
        suppliers.supplier_name || ': ' || {{ percent_words('by_supplier.rejected_units', 'by_supplier.received_units') }} || ' of '
        || {{ number_words('by_supplier.received_units') }} || ' received units were rejected' as evidence
    from by_supplier
    inner join suppliers on by_supplier.supplier_id = suppliers.supplier_id
    where by_supplier.rejected_units > 0

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
