with

cycle as (select * from {{ ref('dim_cycle') }}),

market_indices as (select * from {{ source('planner', 'market_indices') }}),

final as (

    select
        cycle.cycle_id,
        market_indices.index_id,
        market_indices.index_name,
        market_indices.period_start_date,
        market_indices.index_value,
        market_indices.unit,
        market_indices.publisher,
        {{ ratio('market_indices.index_value - year_before.index_value', 'year_before.index_value') }} as change_ratio
    from market_indices
    cross join cycle
    left join market_indices as year_before
        on market_indices.index_id = year_before.index_id
        and market_indices.period_start_date = {{ months_after('year_before.period_start_date', 12) }}

)

{{ select_contract('final') }}
