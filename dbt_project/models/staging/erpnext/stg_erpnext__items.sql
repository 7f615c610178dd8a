with recursive items as (

    select * from {{ source('erpnext', 'item') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

bills as (

    select * from {{ source('erpnext', 'bom') }}

),

weight_factors as (

    select * from {{ source('erpnext', 'uom_conversion_factor') }}

),

alternatives as (

    select * from {{ source('erpnext', 'item_alternative') }}

),

supplement as (

    select * from {{ source('erpnext', 'supplement_items') }}

),

{{ tree_of('item_group', 'parent_item_group') }},

made as (

    select distinct item as item_code
    from bills
    where docstatus = 1 and is_active

),

-- An alternative that stands in both ways is no successor.
successors as (

    select
        item_code,
        min(alternative_item_code) as alternative_item_code
    from alternatives
    where not two_way
    group by item_code

),

kilograms as (

    select
        from_uom as uom,
        cast(value as double precision) as factor
    from weight_factors
    where to_uom = 'Kg'

    union all

    select
        to_uom as uom,
        {{ ratio('1', 'value', 'double precision') }} as factor
    from weight_factors
    where from_uom = 'Kg' and value > 0

),

weights as (

    select
        uom,
        max(factor) as factor
    from kilograms
    group by uom

),

described as (

    select
        items.*,
        made.item_code is not null or item_codes.is_bundle or coalesce(items.default_material_request_type, '') = 'Manufacture' as is_made,
        categories.ancestor as category_id,
        families.ancestor as family_id,
        -- ERPNext writes 2099-12-31 for never.
        case when items.end_of_life < cast('2099-01-01' as date) then items.end_of_life end as end_date
    from items
    inner join item_codes on items.name = item_codes.item_code and items.name = item_codes.item_id
    left join made on items.name = made.item_code
    left join tree as categories
        on items.item_group = categories.node
        and categories.level = 1
    left join tree as families
        on items.item_group = families.node
        and families.level = 2
    where item_codes.is_planned

),

final as (

    select
        described.name as item_id,
        described.item_name,
        coalesce(
            supplement.item_type,
            case
                when described.is_sales_item and described.is_made then 'finished'
                when described.is_sales_item then 'trade'
                when described.is_made then 'semi_finished'
                else 'component'
            end
        ) as item_type,
        coalesce(described.category_id, described.item_group) as category_id,
        coalesce(described.family_id, described.category_id, described.item_group) as family_id,
        described.item_group as subfamily_id,
        described.stock_uom as base_uom_id,
        {{ product(
            'nullif(described.weight_per_unit, 0)',
            "case when described.weight_uom = 'Kg' then 1 else weights.factor end",
            'decimal(18,6)',
        ) }} as weight_kg,
        case
            when described.disabled then 'blocked'
            when described.end_date is not null then 'phase_out'
            else coalesce(supplement.item_status, 'active')
        end as item_status,
        described.is_sales_item and not described.disabled as is_saleable,
        supplement.launch_date,
        described.end_date,
        -- Of an item that stays an alternative takes nothing over.
        case when described.disabled or described.end_date is not null then successors.alternative_item_code end
            as successor_item_id,
        described.brand,
        nullif(described.shelf_life_in_days, 0) as shelf_life_days,
        described.source_file_sha256,
        described.source_row_number
    from described
    left join supplement on described.name = supplement.item_id
    left join successors on described.name = successors.item_code
    left join weights on described.weight_uom = weights.uom

)

select * from final
