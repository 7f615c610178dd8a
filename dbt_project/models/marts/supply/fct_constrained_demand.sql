with

constrained as (select * from {{ source('planning', 'constrained_forecasts') }}),

fulfilment as (select * from {{ source('planning', 'demand_fulfilment') }}),

positions as (select * from {{ ref('fct_inventory_position') }}),

economics as (select * from {{ ref('fct_unit_economics') }}),

items as (select * from {{ ref('dim_items') }}),

-- The price is the plan's own, so that revenue is what the plan was made for.
priced as (

    select
        constrained.cycle_id,
        constrained.scenario_id,
        constrained.item_id,
        constrained.site_id,
        constrained.channel_id,
        items.category_id,
        items.family_id,
        constrained.period_start_date,
        constrained.forecast_state,
        constrained.unconstrained_units,
        constrained.constrained_units,
        constrained.gap_units,
        constrained.backlog_units,
        constrained.lost_units,
        fulfilment.unit_price,
        coalesce(economics.unit_cost, positions.unit_cost) as unit_cost,
        constrained.reason_code
    from constrained
    left join items on constrained.item_id = items.item_id
    left join fulfilment
        on
            constrained.scenario_id = fulfilment.scenario_id
            and constrained.item_id = fulfilment.item_id
            and constrained.site_id = fulfilment.site_id
            and constrained.channel_id = fulfilment.channel_id
            and constrained.period_start_date = fulfilment.period_start_date
    left join economics
        on
            constrained.item_id = economics.item_id
            and constrained.site_id = economics.site_id
            and constrained.channel_id = economics.channel_id
    left join positions
        on
            constrained.item_id = positions.item_id
            and constrained.site_id = positions.site_id

),

valued as (

    select
        priced.*,
        {{ product('unconstrained_units', 'unit_price') }} as unconstrained_revenue,
        {{ product('constrained_units', 'unit_price') }} as constrained_revenue,
        {{ product('unconstrained_units', 'unit_cost') }} as unconstrained_cost,
        {{ product('constrained_units', 'unit_cost') }} as standard_cost_of_sales
    from priced

),

constrained_demand as (

    select
        cycle_id,
        scenario_id,
        item_id,
        site_id,
        channel_id,
        category_id,
        family_id,
        period_start_date,
        forecast_state,
        unconstrained_units,
        constrained_units,
        gap_units,
        backlog_units,
        lost_units,
        unit_price,
        unconstrained_revenue,
        constrained_revenue,
        standard_cost_of_sales,
        constrained_revenue - unconstrained_revenue as gap_revenue,
        (constrained_revenue - standard_cost_of_sales) - (unconstrained_revenue - unconstrained_cost) as gap_margin,
        reason_code
    from valued

)

{{ select_contract('constrained_demand') }}
