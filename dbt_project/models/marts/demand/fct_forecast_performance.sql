{%- set levels = {'company': "'all'", 'category': 'category_id', 'family': 'family_id', 'site': 'site_id', 'channel': 'channel_id'} -%}
{%- set sums = [
    'forecast_units', 'actual_units', 'error_units', 'absolute_error_units',
    'naive_absolute_error_units', 'statistical_absolute_error_units',
] -%}
with

accuracy as (select * from {{ ref('fct_forecast_accuracy') }}),

errors as (

    select
        cycle_id,
        lag_months,
        period_start_date,
        category_id,
        family_id,
        site_id,
        channel_id,
        forecast_units,
        actual_units,
        error_units,
        absolute_error_units,
        abs(naive_error_units) as naive_absolute_error_units,
        abs(statistical_error_units) as statistical_absolute_error_units
    from accuracy

),

by_level as (
    {{ sum_by_level('errors', levels, ['cycle_id', 'lag_months', 'period_start_date'], sums) }}
),

performance as (

    select
        cycle_id,
        lag_months,
        level,
        level_id,
        period_start_date,
        forecast_units,
        actual_units,
        error_units,
        absolute_error_units,
        naive_absolute_error_units,
        statistical_absolute_error_units,
        case
            when absolute_error_units > actual_units and actual_units > 0 then 0
            else {{ ratio('actual_units - absolute_error_units', 'actual_units') }}
        end as accuracy_ratio,
        {{ ratio('error_units', 'actual_units') }} as bias_ratio,
        {{ ratio('naive_absolute_error_units - absolute_error_units', 'actual_units') }} as value_added_ratio,
        {{ ratio('statistical_absolute_error_units - absolute_error_units', 'actual_units') }} as override_value_added_ratio
    from by_level

)

{{ select_contract('performance') }}
