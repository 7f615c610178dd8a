with cycle as (
    select * from {{ ref('dim_cycle') }}
),

capacity_options as (
    select * from {{ source('planner', 'capacity_options') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

options as (
    select
        capacity_options.option_id,
        capacity_options.option_type,
        capacity_options.option_name,
        capacity_options.capacity_type,
        capacity_options.object_id,
        capacity_options.item_id,
        capacity_options.added_quantity,
        case when fx_rates.rate is not null then {{ in_company_currency('capacity_options.unit_cost', 'fx_rates.rate', 'decimal(18,6)') }} end as unit_cost,
        case when fx_rates.rate is not null then {{ in_company_currency('capacity_options.fixed_cost', 'fx_rates.rate', 'decimal(18,4)') }} end as fixed_cost,
        capacity_options.currency_code,
        capacity_options.lead_time_days,
        capacity_options.available_from_period_start_date,
        capacity_options.available_to_period_start_date,
        capacity_options.to_site_id,
        capacity_options.to_channel_id,
        capacity_options.days_saved,
        capacity_options.change_ratio,
        capacity_options.write_off_months
    from capacity_options
    cross join cycle
    left join fx_rates
        on capacity_options.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
)

{{ select_contract('options') }}
