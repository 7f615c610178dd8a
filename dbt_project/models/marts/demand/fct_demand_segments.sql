with

classes as (select * from {{ source('planning', 'demand_classes') }}),

summaries as (select * from {{ source('planning', 'backtest_summaries') }}),

items as (select * from {{ ref('dim_items') }}),

segments as (

    select
        classes.cycle_id,
        classes.item_id,
        classes.site_id,
        classes.channel_id,
        items.category_id,
        items.family_id,
        classes.abc_class,
        classes.abc_basis,
        classes.xyz_class,
        classes.abc_class || classes.xyz_class as abc_xyz_class,
        classes.demand_class,
        classes.life_cycle_stage,
        classes.stage_reason,
        classes.growth_ratio,
        classes.average_interval_months,
        classes.squared_variation,
        classes.history_months,
        classes.revenue_last_12_months,
        classes.margin_last_12_months,
        classes.forecast_route,
        summaries.reason_code,
        summaries.model,
        summaries.origins,
        summaries.wape_ratio,
        summaries.bias_ratio,
        summaries.forecastability_ratio,
        case
            when summaries.forecastability_ratio is null then 'unknown'
            when summaries.forecastability_ratio >= 0.5 then 'high'
            when summaries.forecastability_ratio >= 0.2 then 'medium'
            else 'low'
        end as forecastability_class
    from classes
    left join summaries
        on
            classes.item_id = summaries.item_id
            and classes.site_id = summaries.site_id
            and classes.channel_id = summaries.channel_id
    left join items on classes.item_id = items.item_id

)

{{ select_contract('segments') }}
