with

options as (select * from {{ source('planner', 'capacity_options') }}),

solved as (select * from {{ source('planning', 'supply_options') }}),

named as (

    select
        solved.*,
        options.owner,
        coalesce(options.option_name, solved.option_name, solved.option_id) as shown_name,
        coalesce(options.option_type, solved.option_type) as shown_type,
        coalesce(options.object_id, solved.object_id) as shown_object_id,
        coalesce(options.item_id, solved.item_id) as shown_item_id,
        solved.option_id = 'building_ahead' as is_in_plan
    from solved
    left join options on solved.option_id = options.option_id

),

supply_options as (

    select
        cycle_id,
        option_id,
        shown_name as option_name,
        shown_type as option_type,
        shown_object_id as object_id,
        shown_item_id as item_id,
        owner,
        is_proposed,
        is_in_plan,
        assumption,
        is_solved,
        reason,
        is_warm,
        result_hash,
        feasible_from_date,
        unit,
        used_quantity,
        option_cost,
        cost_saving,
        recovered_units,
        recovered_margin,
        net_value,
        payback_months,
        case
            when is_solved and not is_in_plan
                then cast(row_number() over (partition by is_solved and not is_in_plan order by net_value desc, option_id) as integer)
        end as value_rank
    from named

)

{{ select_contract('supply_options') }}
