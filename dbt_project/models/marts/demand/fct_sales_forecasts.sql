with

inputs as (select * from {{ source('planning', 'sales_inputs') }}),

items as (select * from {{ ref('dim_items') }}),

sales_forecasts as (

    select
        inputs.cycle_id,
        inputs.submission_id,
        inputs.submitter,
        inputs.level,
        inputs.level_id,
        inputs.customer_group,
        inputs.item_id,
        inputs.site_id,
        inputs.channel_id,
        items.category_id,
        items.family_id,
        inputs.period_start_date,
        inputs.submitted_at,
        inputs.submission_state,
        inputs.input_state,
        inputs.forecast_units,
        inputs.bias_ratio,
        inputs.corrected_units,
        inputs.base_units,
        inputs.weight_ratio,
        inputs.sales_units
    from inputs
    left join items on inputs.item_id = items.item_id

)

{{ select_contract('sales_forecasts') }}
