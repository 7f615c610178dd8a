with partners as (
    select * from {{ source('odoo', 'res_partner') }}
),

codes as (
    select * from {{ ref('base_odoo__partners') }}
),

-- Whoever was sold to is a customer, whatever the rank says.
sold_to as (
    select codes.commercial_partner_id from codes
    inner join {{ source('odoo', 'sale_order') }} as orders on codes.partner_id = orders.partner_id
    where orders.state in ('sale', 'done', 'cancel')
    union
    select commercial_partner_id from partners
    where coalesce(customer_rank, 0) > 0
),

first_tags as (
    select
        partner_id,
        min(category_id) as category_id
    from {{ source('odoo', 'res_partner_res_partner_category_rel') }}
    group by partner_id
),

tags as (
    select * from {{ source('odoo', 'res_partner_category') }}
),

teams as (
    select * from {{ source('odoo', 'crm_team') }}
),

countries as (
    select * from {{ source('odoo', 'res_country') }}
),

-- The group's first company decides where companies differ.
first_company as (
    select * from {{ ref('base_odoo__companies') }}
    where company_id = (select min(id) from {{ source('odoo', 'res_company') }})
),

term_properties as (
    {{ odoo_references('property_payment_term_id') }}
),

supplement as (
    select * from {{ source('odoo', 'supplement_customers') }}
)

select
    codes.partner_code as customer_id,
    partners.name as customer_name,
    coalesce({{ odoo_name('tags.name') }}, 'no tag') as customer_group,
    {{ odoo_name('teams.name') }} as channel_id,
    coalesce(supplement.region_id, countries.code) as region_id,
    countries.code as country_code,
    coalesce(
        {{ odoo_company_value('partners.property_payment_term_id', 'first_company.company_id') }},
        term_properties.value_id
    ) as payment_term_id,
    partners.source_file_sha256,
    partners.source_row_number
from partners
inner join codes on partners.id = codes.partner_id and codes.partner_id = codes.commercial_partner_id
inner join sold_to on partners.id = sold_to.commercial_partner_id
left join first_tags on partners.id = first_tags.partner_id
left join tags on first_tags.category_id = tags.id
left join teams on partners.team_id = teams.id
left join countries on partners.country_id = countries.id
cross join first_company
left join term_properties on term_properties.res_id = 'res.partner,' || cast(partners.id as varchar)
left join supplement on codes.partner_code = supplement.customer_id
