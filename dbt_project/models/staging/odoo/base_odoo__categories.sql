with categories as (
    select id, name, coalesce(parent_path, cast(id as varchar) || '/') as parent_path
    from {{ source('odoo', 'product_category') }}
),

-- A tree with one top, such as 'All', has its levels below it.
tops as (
    select case when count(*) = 1 then 1 else 0 end as has_one_top
    from categories
    where split_part(parent_path, '/', 2) = ''
),

placed as (
    select
        categories.id,
        categories.name,
        case when tops.has_one_top = 1 then split_part(categories.parent_path, '/', 2)
            else split_part(categories.parent_path, '/', 1) end as top_id,
        case when tops.has_one_top = 1 then split_part(categories.parent_path, '/', 3)
            else split_part(categories.parent_path, '/', 2) end as middle_id
    from categories
    cross join tops
)

select
    placed.id as categ_id,
    {{ odoo_name('coalesce(tops_of.name, placed.name)') }} as category_name,
    {{ odoo_name('coalesce(middles.name, tops_of.name, placed.name)') }} as family_name,
    {{ odoo_name('placed.name') }} as subfamily_name
from placed
left join categories as tops_of on placed.top_id = cast(tops_of.id as varchar)
left join categories as middles on placed.middle_id = cast(middles.id as varchar)
