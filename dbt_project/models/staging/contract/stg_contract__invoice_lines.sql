with delivered as (
    select * from {{ source('contract', 'invoice_lines') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.invoice_id,
        delivered.line_id,
        delivered.order_id,
        delivered.order_line_id,
        delivered.item_id,
        delivered.customer_id,
        delivered.site_id,
        delivered.channel_id,
        delivered.invoiced_date,
        {{ to_base_units('delivered.invoiced_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as invoiced_units,
        delivered.net_amount,
        delivered.currency_code,
        delivered.cost_amount,
        delivered.is_cancelled,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.invoiced_date') }}
)

select
    invoice_id,
    line_id,
    order_id,
    order_line_id,
    item_id,
    customer_id,
    site_id,
    channel_id,
    invoiced_date,
    invoiced_units,
    net_amount,
    currency_code,
    cost_amount,
    is_cancelled,
    source_file_sha256,
    source_row_number
from in_base_units
