with

options as (select * from {{ source('planner', 'capacity_options') }}),

solved as (select * from {{ source('planning', 'supply_options') }}),

supply_options as (

    select
        solved.cycle_id,
        solved.option_id,
        options.option_name,
        options.option_type,
        options.object_id,
        options.owner,
        solved.is_solved,
        solved.reason,
        solved.result_hash,
        solved.feasible_from_date,
        solved.used_hours,
        solved.option_cost,
        solved.cost_saving,
        solved.recovered_units,
        solved.recovered_margin,
        solved.net_value,
        case
            when solved.is_solved
                then cast(row_number() over (partition by solved.is_solved order by solved.net_value desc, solved.option_id) as integer)
        end as value_rank
    from solved
    inner join options on solved.option_id = options.option_id

)

{{ select_contract('supply_options') }}
