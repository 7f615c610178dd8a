with

terms as (select * from {{ ref('supplier_items') }}),

items as (select * from {{ ref('dim_items') }}),

suppliers as (select * from {{ ref('dim_suppliers') }}),

kept_out as (select * from {{ ref('fct_quarantined_rows') }}),

purchases as (

    select
        supplier_id,
        item_id,
        count(*) as order_lines,
        sum(kept_out_value) as value
    from kept_out
    where table_name = 'erp.purchase_order_lines' and is_lost and problem like '%{{ no_factor_words() }}%'
    group by supplier_id, item_id

),

found as (

    select
        terms.supplier_id || ' / ' || terms.item_id || ' @ ' || terms.site_id as object_id,
        terms.item_id,
        coalesce(purchases.order_lines, 0) as quantity,
        purchases.value,
        items.item_name || ': counted in ' || items.base_uom_id || ', sold by ' || suppliers.supplier_name
        || ' in a unit without a factor, ' || {{ count_words('coalesce(purchases.order_lines, 0)', 'order lines') }} as evidence
    from terms
    inner join items on terms.item_id = items.item_id
    inner join suppliers on terms.supplier_id = suppliers.supplier_id
    left join purchases
        on terms.supplier_id = purchases.supplier_id
        and terms.item_id = purchases.item_id
    where not terms.is_in_base_uom

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
