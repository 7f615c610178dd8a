with delivered as (
    select * from {{ source('contract', 'sales_order_lines') }}
),

uom_factors as (
    select * from {{ ref('stg_contract__uom_factors') }}
),

in_base_units as (
    select
        delivered.order_id,
        delivered.line_id,
        delivered.order_type,
        delivered.customer_id,
        delivered.channel_id,
        delivered.item_id,
        delivered.site_id,
        delivered.ordered_date,
        delivered.requested_date,
        delivered.confirmed_date,
        delivered.requested_date as demand_date,
        delivered.requested_date as recorded_demand_date,
        {{ to_base_units('delivered.ordered_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as ordered_units,
        {{ to_base_units('delivered.confirmed_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as confirmed_units,
        {{ to_base_units('delivered.delivered_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as delivered_units,
        {{ to_base_units('delivered.invoiced_quantity', 'uom_factors.numerator', 'uom_factors.denominator') }} as invoiced_units,
        {{ to_base_price('delivered.unit_price', 'uom_factors.numerator', 'uom_factors.denominator') }} as unit_price,
        delivered.net_amount,
        delivered.currency_code,
        delivered.is_cancelled,
        delivered.activity_id,
        delivered.returned_order_id,
        delivered.changed_at,
        delivered.source_file_sha256,
        delivered.source_row_number
    from delivered
    left join uom_factors
        on {{ factor_in_force('delivered', 'delivered.ordered_date') }}
)

select
    order_id,
    line_id,
    order_type,
    customer_id,
    channel_id,
    item_id,
    site_id,
    ordered_date,
    requested_date,
    confirmed_date,
    demand_date,
    recorded_demand_date,
    ordered_units,
    confirmed_units,
    delivered_units,
    invoiced_units,
    unit_price,
    net_amount,
    currency_code,
    is_cancelled,
    activity_id,
    returned_order_id,
    changed_at,
    source_file_sha256,
    source_row_number
from in_base_units
