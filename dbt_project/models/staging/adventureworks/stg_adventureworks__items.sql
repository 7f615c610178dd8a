with products as (

    select * from {{ ref('base_adventureworks__products') }}

),

subcategories as (

    select * from {{ source('adventureworks', 'product_subcategory') }}

),

categories as (

    select * from {{ source('adventureworks', 'product_category') }}

),

models as (

    select * from {{ source('adventureworks', 'product_model') }}

),

typed as (

    select
        *,
        case
            when is_finished_good and is_made then 'finished'
            when is_finished_good then 'trade'
            when is_made then 'semi_finished'
            else 'component'
        end as item_type,
        is_finished_good and not is_sale_ended as is_saleable
    from products

),

final as (

    select
        typed.item_id,
        typed.product_name as item_name,
        typed.item_type,
        -- Parts have no subcategory: they stand in a hierarchy of their own, apart from what is sold.
        coalesce(categories.category_name, 'Parts') as category_id,
        coalesce(subcategories.subcategory_name, case when typed.is_made then 'Made parts' else 'Bought parts' end)
            as family_id,
        coalesce(models.model_name, subcategories.subcategory_name, 'Parts counted in ' || typed.base_uom_id)
            as subfamily_id,
        typed.base_uom_id,
        {{ rounded("
            case typed.weight_unit_code
                when 'LB' then cast(typed.weight as double precision) * 0.45359237
                when 'G' then cast(typed.weight as double precision) / 1000
            end
        ", 'decimal(18,6)') }} as weight_kg,
        -- A part that is no longer sold on its own but goes into bikes on sale lives on.
        case
            when not typed.is_sale_ended then 'active'
            when typed.is_component_of_current_assembly then 'phase_out'
            else 'blocked'
        end as item_status,
        typed.is_saleable,
        typed.sell_start_date as launch_date,
        typed.sell_end_date as end_date,
        cast(null as varchar) as successor_item_id,
        typed.source_file_sha256,
        typed.source_row_number
    from typed
    left join subcategories on typed.product_subcategory_id = subcategories.product_subcategory_id
    left join categories on subcategories.product_category_id = categories.product_category_id
    left join models on typed.product_model_id = models.product_model_id

)

select * from final
