with lists as (
    select * from {{ source('odoo', 'product_pricelist') }}
    where coalesce(active, true)
),

rules as (
    select * from {{ source('odoo', 'product_pricelist_item') }}
    where compute_price = 'fixed' and applied_on in ('0_product_variant', '1_product') and coalesce(min_quantity, 0) <= 1
),

items as (
    select * from {{ ref('base_odoo__items') }}
    where not is_service
),

partners as (
    select * from {{ source('odoo', 'res_partner') }}
    where id = coalesce(commercial_partner_id, id)
),

companies as (
    select * from {{ ref('base_odoo__companies') }}
),

properties as (
    select * from {{ source('odoo', 'ir_property') }}
    where name in ('property_product_pricelist', 'specific_property_product_pricelist')
),

teams as (
    select * from {{ source('odoo', 'crm_team') }}
),

currencies as (
    select * from {{ source('odoo', 'res_currency') }}
),

-- A price list names no channel: it is that of the customers who have the list.
assigned as (
    select
        partners.team_id,
        coalesce(
            {{ odoo_company_value('partners.specific_property_product_pricelist', 'companies.company_id') }},
            split_part(properties.value_reference, ',', 2)
        ) as pricelist_id
    from partners
    cross join companies
    left join properties
        on properties.res_id = 'res.partner,' || cast(partners.id as varchar)
        and coalesce(properties.company_id, companies.company_id) = companies.company_id
    where partners.team_id is not null
),

channels as (
    select distinct assigned.pricelist_id, {{ odoo_name('teams.name') }} as channel_id
    from assigned
    inner join teams on assigned.team_id = teams.id
    where assigned.pricelist_id is not null
),

first_company as (
    select time_zone from companies
    where company_id = (select min(company_id) from companies)
),

told as (
    select
        items.item_id,
        channels.channel_id,
        currencies.name as currency_code,
        coalesce({{ odoo_day('rules.date_start', 'coalesce(companies.time_zone, first_company.time_zone)') }}, cast('1970-01-01' as date))
            as valid_from_date,
        {{ odoo_day('rules.date_end', 'coalesce(companies.time_zone, first_company.time_zone)') }} as valid_to_date,
        rules.fixed_price as unit_price,
        rules.source_file_sha256,
        rules.source_row_number,
        -- The rule of a variant comes before that of its template, the newest before older ones.
        row_number() over (
            partition by items.item_id, channels.channel_id, currencies.name, rules.date_start
            order by coalesce(lists.sequence, 16), lists.id, rules.applied_on, rules.id desc
        ) as place
    from rules
    inner join lists on rules.pricelist_id = lists.id
    inner join channels on cast(lists.id as varchar) = channels.pricelist_id
    inner join items
        on rules.product_id = items.product_id
        or (rules.product_id is null and rules.product_tmpl_id = items.product_tmpl_id)
    cross join first_company
    left join companies on lists.company_id = companies.company_id
    left join currencies on lists.currency_id = currencies.id
)

select
    item_id,
    channel_id,
    currency_code,
    valid_from_date,
    valid_to_date,
    unit_price,
    source_file_sha256,
    source_row_number
from told
where place = 1
