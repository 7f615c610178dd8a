with invoices as (
    select * from {{ source('odoo', 'account_move') }}
),

all_lines as (
    select * from {{ source('odoo', 'account_move_line') }}
),

-- Products and what is written between them; taxes and terms of payment are no lines of the paper.
lines as (
    select
        *,
        {{ odoo_place('move_id', 'id') }} as place
    from all_lines
    where coalesce(display_type, 'product') in ('product', 'line_note', 'line_section', 'line_subsection')
),

items as (
    select * from {{ ref('base_odoo__items') }}
),

factors as (
    select * from {{ ref('base_odoo__uom_factors') }}
),

partners as (
    select * from {{ ref('base_odoo__partners') }}
),

billed as (
    select
        invoice_line_id,
        min(order_line_id) as sale_line_id
    from {{ source('odoo', 'sale_order_line_invoice_rel') }}
    group by invoice_line_id
),

order_lines as (
    select * from {{ ref('base_odoo__order_lines') }}
),

teams as (
    select * from {{ source('odoo', 'crm_team') }}
),

currencies as (
    select * from {{ source('odoo', 'res_currency') }}
),

-- An invoice without an order is served from the company's warehouse, where it has but one.
only_warehouses as (
    select company_id, site_id from {{ ref('base_odoo__warehouses') }}
    where warehouses_of_company = 1
),

final as (
    select
        invoices.name as invoice_id,
        cast(lines.place as varchar) as line_id,
        order_lines.order_id,
        order_lines.line_id as order_line_id,
        coalesce(items.item_id, cast(lines.product_id as varchar)) as item_id,
        coalesce(partners.partner_code, order_lines.customer_id) as customer_id,
        coalesce(order_lines.site_id, only_warehouses.site_id) as site_id,
        coalesce({{ odoo_name('teams.name') }}, order_lines.channel_id) as channel_id,
        invoices.invoice_date as invoiced_date,
        -- A credit note is positive in the books of documents: its type says that it is one.
        case when invoices.move_type = 'out_refund' then -1 else 1 end
            * {{ to_base_units('lines.quantity', 'factors.numerator', 'factors.denominator') }} as invoiced_units,
        case when invoices.move_type = 'out_refund' then -1 else 1 end * lines.price_subtotal as net_amount,
        currencies.name as currency_code,
        lines.source_file_sha256,
        lines.source_row_number
    from lines
    inner join invoices on lines.move_id = invoices.id
    left join items on lines.product_id = items.product_id
    left join factors on lines.product_id = factors.product_id and lines.product_uom_id = factors.uom_id
    left join partners on invoices.commercial_partner_id = partners.partner_id
    left join billed on lines.id = billed.invoice_line_id
    left join order_lines on billed.sale_line_id = order_lines.sale_line_id
    left join teams on invoices.team_id = teams.id
    left join currencies on invoices.currency_id = currencies.id
    left join only_warehouses on invoices.company_id = only_warehouses.company_id
    where
        invoices.move_type in ('out_invoice', 'out_refund', 'out_receipt')
        and invoices.state = 'posted'
        and coalesce(lines.display_type, 'product') = 'product'
        and lines.product_id is not null
        and not coalesce(items.is_service, false)
)

select * from final
