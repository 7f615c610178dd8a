{#- Step of the stair -> the streams that it leads from and to. -#}
{%- set streams = forecast_streams().keys() | list -%}
{%- set steps = forecast_layers().keys() | list -%}
{%- set heights = stair() -%}
{%- set sums = [
    'actual_units', 'touched_actual_units', 'absolute_error_before_units', 'absolute_error_after_units',
    'error_before_units', 'error_after_units', 'value_added_units', 'recorded_count', 'observation_count', 'series_count',
    'squared_sum', 'crossed_sum', 'counted_sum',
] -%}
{%- set keys = ['lag_months', 'step', 'detail', 'detail_id'] -%}
with

accuracy as (select * from {{ ref('fct_forecast_accuracy') }}),

override_effects as (select * from {{ source('published', 'fct_override_effects') }}),

sales_forecasts as (select * from {{ source('published', 'fct_sales_forecasts') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

-- Steps are compared on the same months: those for which the naive was known too.
compared as (

    select *
    from accuracy
    where naive_error_units is not null

),

compared_months as (

    select
        lag_months,
        min(period_start_date) as first_period_start_date,
        max(period_start_date) as last_period_start_date,
        count(distinct period_start_date) as month_count
    from compared
    group by lag_months

),

step_changes as (
    {%- for step in steps %}
    {%- set stream = streams[loop.index] %}
    select
        lag_months,
        item_id,
        site_id,
        channel_id,
        category_id,
        family_id,
        subfamily_id,
        abc_xyz_class,
        demand_class,
        '{{ step }}' as step,
        'step' as detail,
        'all' as detail_id,
        actual_units,
        actual_units as level_actual_units,
        {{ heights[streams[loop.index0]] }} as error_before_units,
        {{ heights[stream] }} as error_after_units,
        case when {{ forecast_streams()[stream] }} is not null then 1 else 0 end as recorded_count
    from compared
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- What people entered, as their own cycle published it; the files are of earlier cycles only.
entered as (

    select
        override_effects.cycle_id as made_in_cycle_id,
        override_effects.item_id,
        override_effects.site_id,
        override_effects.channel_id,
        override_effects.period_start_date,
        override_effects.override_id,
        override_effects.owner,
        override_effects.before_units,
        override_effects.after_units
    from override_effects
    cross join cycle
    where {{ cycle_month('override_effects.cycle_id') }} < cycle.cycle_start_date

),

entered_months as (

    select distinct
        made_in_cycle_id,
        item_id,
        site_id,
        channel_id,
        period_start_date
    from entered

),

-- What each submitter's accounts changed, one on the other in the order of their names.
submitted as (

    select
        sales_forecasts.cycle_id as made_in_cycle_id,
        sales_forecasts.item_id,
        sales_forecasts.site_id,
        sales_forecasts.channel_id,
        sales_forecasts.period_start_date,
        sales_forecasts.submitter,
        sum(sales_forecasts.sales_units) as sales_units
    from sales_forecasts
    cross join cycle
    where
        {{ cycle_month('sales_forecasts.cycle_id') }} < cycle.cycle_start_date
        and sales_forecasts.input_state = 'applied'
    group by
        sales_forecasts.cycle_id, sales_forecasts.item_id, sales_forecasts.site_id, sales_forecasts.channel_id,
        sales_forecasts.period_start_date, sales_forecasts.submitter

),

submissions as (

    select
        submitted.*,
        sum(submitted.sales_units) over (
            partition by made_in_cycle_id, item_id, site_id, channel_id, period_start_date
            order by submitter
            rows between unbounded preceding and current row
        ) as running_units,
        row_number() over (
            partition by made_in_cycle_id, item_id, site_id, channel_id, period_start_date
            order by submitter desc
        ) as place_from_last
    from submitted

),

entries as (

    -- The last one ends at the published layer, which never takes more than there is.
    select
        compared.*,
        'sales' as step,
        cast(null as varchar) as override_id,
        submissions.submitter as person,
        compared.activities_error_units + submissions.running_units - submissions.sales_units as error_before_units,
        case
            when submissions.place_from_last = 1 then compared.sales_error_units
            else compared.activities_error_units + submissions.running_units
        end as error_after_units
    from compared
    inner join submissions
        on {{ same_series_month('compared', 'submissions', ['made_in_cycle_id']) }}
    where compared.sales_error_units is not null

    union all

    select
        compared.*,
        'overrides' as step,
        entered.override_id,
        entered.owner as person,
        entered.before_units - compared.actual_units as error_before_units,
        entered.after_units - compared.actual_units as error_after_units
    from compared
    inner join entered
        on {{ same_series_month('compared', 'entered', ['made_in_cycle_id']) }}

    union all

    -- Releases from before override effects were published say that somebody changed the forecast, not who.
    select
        compared.*,
        'overrides' as step,
        'not recorded' as override_id,
        'not recorded' as person,
        compared.order_book_error_units as error_before_units,
        compared.error_units as error_after_units
    from compared
    left join entered_months
        on {{ same_series_month('compared', 'entered_months', ['made_in_cycle_id']) }}
    where
        entered_months.made_in_cycle_id is null
        and compared.order_book_error_units <> compared.error_units

),

detail_changes as (
    {%- for detail, detail_id in {'person': 'person', 'override': 'override_id'}.items() %}
    select
        lag_months,
        item_id,
        site_id,
        channel_id,
        category_id,
        family_id,
        subfamily_id,
        abc_xyz_class,
        demand_class,
        step,
        '{{ detail }}' as detail,
        {{ detail_id }} as detail_id,
        actual_units,
        cast(0 as decimal(18, 3)) as level_actual_units,
        error_before_units,
        error_after_units,
        1 as recorded_count
    from entries
    where {{ detail_id }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

changes as (

    select * from step_changes
    union all
    select * from detail_changes

),

-- All months of a series are one independent observation: its errors resemble each other.
by_series as (

    select
        lag_months,
        item_id,
        site_id,
        channel_id,
        category_id,
        family_id,
        subfamily_id,
        abc_xyz_class,
        demand_class,
        step,
        detail,
        detail_id,
        sum(level_actual_units) as actual_units,
        sum(case when error_before_units <> error_after_units then actual_units else 0 end) as touched_actual_units,
        sum(abs(error_before_units)) as absolute_error_before_units,
        sum(abs(error_after_units)) as absolute_error_after_units,
        sum(error_before_units) as error_before_units,
        sum(error_after_units) as error_after_units,
        cast(sum(abs(error_before_units) - abs(error_after_units)) as decimal(18, 3)) as value_added_units,
        sum(recorded_count) as recorded_count,
        cast(sum(case when error_before_units <> error_after_units then 1 else 0 end) as integer) as observation_count
    from changes
    group by
        lag_months, item_id, site_id, channel_id, category_id, family_id, subfamily_id, abc_xyz_class, demand_class,
        step, detail, detail_id

),

with_squares as (

    select
        by_series.*,
        case when observation_count > 0 then 1 else 0 end as series_count,
        value_added_units * value_added_units as squared_sum,
        value_added_units * observation_count as crossed_sum,
        observation_count * observation_count as counted_sum
    from by_series

),

steps as (select * from with_squares where detail = 'step'),

details as (select * from with_squares where detail <> 'step'),

by_level as (
    {{ sum_by_level('steps', review_levels(), keys, sums) }}
    union all
    {{ sum_by_level('details', product_levels(), keys, sums) }}
),

-- D of a series: what the step took off its absolute errors; n: months in which it changed the forecast; d: mean of D over n.
-- t = sum D / sqrt(G / (G - 1) * sum (D - n d)^2) over the G series that it changed: with one month a series the paired t-test
-- of the differences of absolute errors (Student 1908; as a test between forecasts Diebold and Mariano 1995), with more the
-- same with errors clustered by series (Liang and Zeger 1986).
spread as (

    select
        by_level.*,
        max(case when detail = 'step' then actual_units end) over (partition by lag_months, level, level_id)
            as level_actual_units,
        cast(squared_sum as double precision)
        - 2 * cast(value_added_units as double precision) / nullif(observation_count, 0) * cast(crossed_sum as double precision)
        + power(cast(value_added_units as double precision) / nullif(observation_count, 0), 2)
        * cast(counted_sum as double precision) as squared_deviations
    from by_level
    where recorded_count > 0

),

tested as (

    select
        spread.*,
        case
            when
                series_count >= {{ fewest_series_for_proof() }}
                and squared_deviations > 1e-9 * cast(squared_sum as double precision)
                then {{ rounded(
                    'cast(value_added_units as double precision) / sqrt(cast(series_count as double precision) / (series_count - 1) * squared_deviations)',
                    'decimal(18,6)'
                ) }}
        end as t_statistic
    from spread

),

judged as (

    select
        tested.*,
        case when t_statistic is not null then abs(t_statistic) > {{ student_quantile('(series_count - 1)') }} end
            as is_significant
    from tested

),

value_added as (

    select
        cycle.cycle_id,
        judged.lag_months,
        judged.level,
        judged.level_id,
        judged.step,
        judged.detail,
        judged.detail_id,
        case judged.step
            {%- for step in steps %}
            when '{{ step }}' then {{ loop.index }}
            {%- endfor %}
        end as step_number,
        compared_months.first_period_start_date,
        compared_months.last_period_start_date,
        compared_months.month_count,
        judged.observation_count,
        judged.series_count,
        judged.level_actual_units as actual_units,
        judged.touched_actual_units,
        judged.absolute_error_before_units,
        judged.absolute_error_after_units,
        judged.value_added_units,
        case when judged.detail = 'step' then {{ ratio('judged.absolute_error_before_units', 'judged.level_actual_units') }} end
            as wape_before_ratio,
        case when judged.detail = 'step' then {{ ratio('judged.absolute_error_after_units', 'judged.level_actual_units') }} end
            as wape_after_ratio,
        case
            when judged.detail = 'step'
                then {{ ratio('judged.absolute_error_before_units', 'judged.level_actual_units') }}
                    - {{ ratio('judged.absolute_error_after_units', 'judged.level_actual_units') }}
            else {{ ratio('judged.value_added_units', 'judged.level_actual_units') }}
        end as value_added_ratio,
        {{ ratio('judged.value_added_units', 'judged.touched_actual_units') }} as touched_value_added_ratio,
        case when judged.detail = 'step' then {{ ratio('judged.error_before_units', 'judged.level_actual_units') }} end
            as bias_before_ratio,
        case when judged.detail = 'step' then {{ ratio('judged.error_after_units', 'judged.level_actual_units') }} end
            as bias_after_ratio,
        judged.t_statistic,
        judged.is_significant,
        case
            when judged.observation_count = 0 then 'unchanged'
            when judged.series_count < {{ fewest_series_for_proof() }} then 'too_few'
            when not coalesce(judged.is_significant, false) then 'not_proven'
            when judged.value_added_units > 0 then 'better'
            else 'worse'
        end as verdict
    from judged
    inner join compared_months on judged.lag_months = compared_months.lag_months
    cross join cycle

)

{{ select_contract('value_added') }}
