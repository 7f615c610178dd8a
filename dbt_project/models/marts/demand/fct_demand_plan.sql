with

history as (select * from {{ ref('fct_demand_history') }}),

forecasts as (select * from {{ source('planning', 'unconstrained_forecasts') }}),

economics as (select * from {{ ref('fct_unit_economics') }}),

items as (select * from {{ ref('dim_items') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

closed_months as (

    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        true as is_history,
        ordered_units as actual_units,
        revenue as actual_revenue,
        cast(null as varchar) as forecast_state,
        cast(null as decimal(18, 3)) as statistical_units,
        cast(null as decimal(18, 3)) as launch_units,
        cast(null as decimal(18, 3)) as activity_units,
        cast(null as decimal(18, 3)) as sales_units,
        cast(null as decimal(18, 3)) as order_book_units,
        cast(null as decimal(18, 3)) as override_units,
        cast(null as decimal(18, 3)) as forecast_units,
        cast(null as decimal(18, 3)) as lower_80_units,
        cast(null as decimal(18, 3)) as upper_80_units,
        cast(null as decimal(18, 3)) as lower_95_units,
        cast(null as decimal(18, 3)) as upper_95_units
    from history

),

horizon_months as (

    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        false as is_history,
        cast(null as decimal(18, 3)) as actual_units,
        cast(null as decimal(18, 4)) as actual_revenue,
        forecast_state,
        statistical_units,
        launch_units,
        activity_units,
        sales_units,
        order_book_units,
        override_units,
        forecast_units,
        lower_80_units,
        upper_80_units,
        lower_95_units,
        upper_95_units
    from forecasts

),

months as (

    select * from closed_months
    union all
    select * from horizon_months

),

demand_plan as (

    select
        cycle.cycle_id,
        months.item_id,
        months.site_id,
        months.channel_id,
        items.category_id,
        items.family_id,
        months.period_start_date,
        months.is_history,
        months.actual_units,
        months.actual_revenue,
        months.forecast_state,
        months.statistical_units,
        months.launch_units,
        months.activity_units,
        months.sales_units,
        months.order_book_units,
        months.override_units,
        months.forecast_units,
        months.lower_80_units,
        months.upper_80_units,
        months.lower_95_units,
        months.upper_95_units,
        economics.unit_price,
        {{ product('months.forecast_units', 'economics.unit_price') }} as forecast_revenue
    from months
    cross join cycle
    left join items on months.item_id = items.item_id
    left join economics
        on
            months.item_id = economics.item_id
            and months.site_id = economics.site_id
            and months.channel_id = economics.channel_id

)

{{ select_contract('demand_plan') }}
