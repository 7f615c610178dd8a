{%- set streams = forecast_streams() -%}
{%- set sums = ['actual_units', 'revised_units', 'previous_units', 'revised_statistical_units', 'previous_statistical_units'] -%}
{%- for stream in streams -%}
    {%- for measure in ['error', 'absolute', 'scaled', 'scaled_count'] -%}
        {%- do sums.append(stream ~ '_' ~ measure) -%}
    {%- endfor -%}
{%- endfor -%}
with

accuracy as (select * from {{ ref('fct_forecast_accuracy') }}),

parameters as (select * from {{ ref('fct_parameters') }}),

signal_limit as (

    select parameter_value as tracking_signal_limit
    from parameters
    where parameter_id = 'tracking_signal_limit' and scope = 'company'

),

errors as (

    select
        cycle_id,
        lag_months,
        period_start_date,
        category_id,
        family_id,
        subfamily_id,
        site_id,
        channel_id,
        abc_xyz_class,
        demand_class,
        actual_units,
        abs(forecast_units - previous_forecast_units) as revised_units,
        previous_forecast_units as previous_units,
        abs(statistical_error_units + actual_units - previous_statistical_units) as revised_statistical_units,
        previous_statistical_units,
        {%- for stream, error in streams.items() %}
        {{ error }} as {{ stream }}_error,
        abs({{ error }}) as {{ stream }}_absolute,
        {{ ratio('abs(' ~ error ~ ')', 'scale_units') }} as {{ stream }}_scaled,
        case when {{ error }} is not null and scale_units > 0 then 1 end as {{ stream }}_scaled_count{{ ',' if not loop.last }}
        {%- endfor %}
    from accuracy

),

by_level as (
    {{ sum_by_level('errors', review_levels(), ['cycle_id', 'lag_months', 'period_start_date'], sums) }}
),

by_stream as (
    {%- for stream in streams %}
    select
        cycle_id,
        lag_months,
        level,
        level_id,
        '{{ stream }}' as stream,
        period_start_date,
        actual_units,
        {{ stream }}_error as error_units,
        {{ stream }}_absolute as absolute_error_units,
        naive_absolute as naive_absolute_error_units,
        statistical_absolute as statistical_absolute_error_units,
        {{ ratio(stream ~ '_scaled', stream ~ '_scaled_count') }} as mase,
        {%- if stream == 'final' %}
        revised_units,
        previous_units
        {%- elif stream == 'statistical' %}
        revised_statistical_units as revised_units,
        previous_statistical_units as previous_units
        {%- else %}
        cast(null as decimal(18, 3)) as revised_units,
        cast(null as decimal(18, 3)) as previous_units
        {%- endif %}
    from by_level
    where {{ stream }}_error is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Errors of the level as a whole, month after month: what the tracking signal watches.
running as (

    select
        by_stream.*,
        sum(error_units) over (
            partition by lag_months, level, level_id, stream
            order by period_start_date
            rows between unbounded preceding and current row
        ) as running_error_units,
        sum(abs(error_units)) over (
            partition by lag_months, level, level_id, stream
            order by period_start_date
            rows between unbounded preceding and current row
        ) as running_absolute_units,
        count(*) over (
            partition by lag_months, level, level_id, stream
            order by period_start_date
            rows between unbounded preceding and current row
        ) as tracked_months
    from by_stream

),

signalled as (

    select
        running.*,
        {{ ratio('running_error_units * tracked_months', 'running_absolute_units') }} as tracking_signal
    from running

),

performance as (

    select
        signalled.cycle_id,
        signalled.lag_months,
        signalled.level,
        signalled.level_id,
        signalled.stream,
        signalled.period_start_date,
        signalled.actual_units + signalled.error_units as forecast_units,
        signalled.actual_units,
        signalled.error_units,
        signalled.absolute_error_units,
        signalled.naive_absolute_error_units,
        signalled.statistical_absolute_error_units,
        {{ ratio('signalled.absolute_error_units', 'signalled.actual_units') }} as wape_ratio,
        case
            when signalled.absolute_error_units > signalled.actual_units and signalled.actual_units > 0 then 0
            else {{ ratio('signalled.actual_units - signalled.absolute_error_units', 'signalled.actual_units') }}
        end as accuracy_ratio,
        {{ ratio('signalled.error_units', 'signalled.actual_units') }} as bias_ratio,
        signalled.mase,
        signalled.tracked_months,
        signalled.tracking_signal,
        signal_limit.tracking_signal_limit,
        abs(signalled.tracking_signal) > signal_limit.tracking_signal_limit as is_beyond_limit,
        {{ ratio('signalled.revised_units', 'signalled.previous_units') }} as revision_ratio,
        {{ ratio('signalled.naive_absolute_error_units - signalled.absolute_error_units', 'signalled.actual_units') }}
            as value_added_ratio,
        {{ ratio('signalled.statistical_absolute_error_units - signalled.absolute_error_units', 'signalled.actual_units') }}
            as override_value_added_ratio
    from signalled
    cross join signal_limit

)

{{ select_contract('performance') }}
