{%- set levels = dict(product_levels(), item='item_id') -%}
with

demand as (select * from {{ ref('fct_constrained_demand') }}),

streams as (

    select
        cycle_id,
        scenario_id,
        period_start_date,
        category_id,
        family_id,
        item_id,
        unconstrained_units as demand_units,
        constrained_units as supply_units,
        gap_units,
        gap_revenue
    from demand

),

by_level as (
    {{ sum_by_level('streams', levels, ['cycle_id', 'scenario_id', 'period_start_date'],
        ['demand_units', 'supply_units', 'gap_units', 'gap_revenue']) }}
),

gaps as (

    select
        cycle_id,
        scenario_id,
        level,
        level_id,
        period_start_date,
        demand_units,
        supply_units,
        gap_units,
        {{ ratio('gap_units', 'demand_units') }} as gap_ratio,
        gap_revenue
    from by_level

)

{{ select_contract('gaps') }}
