with partners as (
    select * from {{ source('odoo', 'res_partner') }}
),

numbered as (
    select
        id,
        ref,
        count(*) over (partition by nullif(trim(ref), '')) as namesakes
    from partners
    where id = coalesce(commercial_partner_id, id)
)

-- Orders may name a contact or an address of a company: all of them stand for the company.
select
    partners.id as partner_id,
    numbered.id as commercial_partner_id,
    case
        when nullif(trim(numbered.ref), '') is null then cast(numbered.id as varchar)
        when numbered.namesakes > 1 then trim(numbered.ref) || ' #' || cast(numbered.id as varchar)
        else trim(numbered.ref)
    end as partner_code
from partners
inner join numbered on coalesce(partners.commercial_partner_id, partners.id) = numbered.id
