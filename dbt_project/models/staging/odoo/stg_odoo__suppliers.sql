with partners as (
    select * from {{ source('odoo', 'res_partner') }}
),

codes as (
    select * from {{ ref('base_odoo__partners') }}
),

bought_from as (
    select codes.commercial_partner_id from codes
    inner join {{ source('odoo', 'purchase_order') }} as orders on codes.partner_id = orders.partner_id
    where orders.state in ('purchase', 'done', 'cancel')
    union
    select codes.commercial_partner_id from codes
    inner join {{ source('odoo', 'product_supplierinfo') }} as terms on codes.partner_id = terms.partner_id
    union
    select commercial_partner_id from partners
    where coalesce(supplier_rank, 0) > 0
),

-- The group's first company decides where companies differ.
first_company as (
    select * from {{ ref('base_odoo__companies') }}
    where company_id = (select min(id) from {{ source('odoo', 'res_company') }})
),

properties as (
    {{ odoo_references('property_purchase_currency_id') }}
),

term_properties as (
    {{ odoo_references('property_supplier_payment_term_id') }}
),

currencies as (
    select * from {{ source('odoo', 'res_currency') }}
),

countries as (
    select * from {{ source('odoo', 'res_country') }}
),

named as (
    select
        codes.partner_code,
        partners.*,
        first_company.currency_code as company_currency_code,
        coalesce(
            {{ odoo_company_value('partners.property_purchase_currency_id', 'first_company.company_id') }},
            properties.value_id
        ) as purchase_currency_id,
        coalesce(
            {{ odoo_company_value('partners.property_supplier_payment_term_id', 'first_company.company_id') }},
            term_properties.value_id
        ) as payment_term_id
    from partners
    inner join codes on partners.id = codes.partner_id and codes.partner_id = codes.commercial_partner_id
    inner join bought_from on partners.id = bought_from.commercial_partner_id
    cross join first_company
    left join properties on properties.res_id = 'res.partner,' || cast(partners.id as varchar)
    left join term_properties on term_properties.res_id = 'res.partner,' || cast(partners.id as varchar)
)

select
    named.partner_code as supplier_id,
    named.name as supplier_name,
    countries.code as country_code,
    coalesce(currencies.name, named.company_currency_code) as currency_code,
    coalesce(named.active, true) as is_active,
    named.payment_term_id,
    named.source_file_sha256,
    named.source_row_number
from named
left join currencies on named.purchase_currency_id = cast(currencies.id as varchar)
left join countries on named.country_id = countries.id
