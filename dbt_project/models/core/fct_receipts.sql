with purchase_receipts as (
    select * from {{ ref('purchase_receipts') }}
),

purchase_order_lines as (
    select * from {{ ref('purchase_order_lines') }}
),

-- A line may come in parts: it is in full from the receipt on that completes it.
receipts as (
    select
        purchase_receipts.receipt_id,
        purchase_receipts.purchase_order_id,
        purchase_receipts.line_id,
        purchase_receipts.supplier_id,
        purchase_receipts.item_id,
        purchase_receipts.site_id,
        purchase_order_lines.ordered_date,
        purchase_order_lines.due_date,
        purchase_receipts.received_date,
        purchase_order_lines.ordered_units,
        purchase_receipts.received_units,
        purchase_receipts.rejected_units,
        {{ dbt.datediff('purchase_order_lines.ordered_date', 'purchase_receipts.received_date', 'day') }} as lead_time_days,
        purchase_receipts.received_date <= purchase_order_lines.due_date as is_on_time,
        sum(purchase_receipts.received_units - purchase_receipts.rejected_units) over (
            partition by purchase_receipts.purchase_order_id, purchase_receipts.line_id
            order by purchase_receipts.received_date, purchase_receipts.receipt_id
            rows between unbounded preceding and current row
        ) >= purchase_order_lines.ordered_units as is_in_full
    from purchase_receipts
    inner join purchase_order_lines
        on purchase_receipts.purchase_order_id = purchase_order_lines.purchase_order_id
        and purchase_receipts.line_id = purchase_order_lines.line_id
)

{{ select_contract('receipts') }}
