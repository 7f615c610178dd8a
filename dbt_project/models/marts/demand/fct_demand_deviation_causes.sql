-- Each rule takes its part of the error from what those before it have left (macros/deviation_causes.sql names them in
-- their order); what is left at the end is unexplained. All in whole thousandths of a unit, so that the parts add up. What
-- people confirmed, or put another cause for, says so.
{% set causes = deviation_causes() %}
with

cycle as (select * from {{ ref('dim_cycle') }}),

parameters as (select * from {{ ref('fct_parameters') }}),

evidence as (select * from {{ ref('deviation_evidence') }}),

confirmed as (select * from {{ ref('confirmed_causes') }}),

declared as (

    select parameter_value as tracking_signal_limit
    from parameters
    where parameter_id = 'tracking_signal_limit' and scope = 'company'

),

-- Arithmetic: forecast - actual = (planned uplift - measured uplift) + what cleansing put back + the rest.
activity_missed as (

    select
        evidence.*,
        stock_out_adjustment_units as stock_out_units,
        one_off_adjustment_units as one_off_order_units,
        activity_units + promotion_adjustment_units as missed_units
    from evidence

),

cleansed as (

    select
        activity_missed.*,
        case when activity_rank = 1 then missed_units else 0 end as promotion_miss_units,
        error_units - stock_out_units - one_off_order_units - missed_units as after_history_units
    from activity_missed

),

launched as (

    select
        cleansed.*,
        declared.tracking_signal_limit,
        case when activity_rank = 3 then missed_units else 0 end
        + case when launch_table is not null then after_history_units else 0 end as launch_or_phase_out_units,
        case when launch_table is not null then 0 else after_history_units end as after_launch_units,
        case
            when promoted_units > 0 or realised_unit_price is null or expected_unit_price = 0 then 0
            when abs(realised_unit_price - expected_unit_price)
                < {{ price_change_minimum_ratio() }} * expected_unit_price then 0
            -- what the price moved demand by, as an error: a lower price sells more than forecast, which is a negative one
            else -1 * {{ product('forecast_units',
                '(' ~ ratio('realised_unit_price', 'expected_unit_price') ~ ' - 1) * price_elasticity', 'decimal(18,3)') }}
        end as price_effect_units
    from cleansed
    cross join declared

),

priced as (

    select
        launched.*,
        {{ taken('price_effect_units', 'after_launch_units') }} as taken_price_units,
        after_launch_units - {{ taken('price_effect_units', 'after_launch_units') }} as after_price_units
    from launched

),

neighbours as (

    select
        priced.*,
        {% for offset in (1, 2) %}
        lag(period_start_date, {{ offset }}) over series_lag as before_{{ offset }}_date,
        lag(after_price_units, {{ offset }}) over series_lag as before_{{ offset }}_units,
        lead(period_start_date, {{ offset }}) over series_lag as after_{{ offset }}_date,
        lead(after_price_units, {{ offset }}) over series_lag as after_{{ offset }}_units,
        {% endfor %}
        sum(after_price_units) over (series_lag rows between unbounded preceding and current row) as net_so_far_units,
        sum(abs(after_price_units))
            over (series_lag rows between unbounded preceding and current row) as gross_so_far_units,
        count(*) over (series_lag rows between unbounded preceding and current row) as months_so_far
    from priced
    window series_lag as (partition by lag_months, item_id, site_id, channel_id order by period_start_date)

),

-- Three months in a row that hold this one and net out.
timed as (

    select
        neighbours.*,
        case
            when after_price_units = 0 then 0
            {%- for first, second in (('before_2', 'before_1'), ('before_1', 'after_1'), ('after_1', 'after_2')) %}
            when {{ dbt.datediff(first ~ '_date' if first != 'after_1' else 'period_start_date', second ~ '_date' if second != 'before_1' else 'period_start_date', 'month') }} = 2
                and abs(after_price_units + {{ first }}_units + {{ second }}_units)
                <= {{ timing_maximum_ratio() }} * (
                    abs(after_price_units) + abs({{ first }}_units) + abs({{ second }}_units)
                )
                then 1
            {%- endfor %}
            else 0
        end as is_timing
    from neighbours

),

biased as (

    select
        timed.*,
        case when is_timing = 1 then after_price_units else 0 end as timing_units,
        case when is_timing = 1 then 0 else after_price_units end as after_timing_units,
        case
            when months_so_far >= tracking_signal_limit
                then case
                    when abs(net_so_far_units) * months_so_far >= tracking_signal_limit * gross_so_far_units
                        then {{ ratio('net_so_far_units', 'months_so_far', 'decimal(18,3)') }}
                    else 0
                end
            when abs(backtest_mean_error_units) * backtest_origins
                >= tracking_signal_limit * backtest_mean_absolute_error_units
                and backtest_mean_absolute_error_units > 0
                then backtest_mean_error_units
            else 0
        end as usual_error_units
    from timed

),

parted as (

    select
        biased.*,
        taken_price_units + case when activity_rank = 2 then missed_units else 0 end as price_units,
        {{ taken('usual_error_units', 'after_timing_units') }} as model_bias_units,
        after_timing_units - {{ taken('usual_error_units', 'after_timing_units') }} as unexplained_units,
        item_id || '/' || site_id || '/' || channel_id || '/' || {{ month_words('period_start_date') }} as month_key
    from biased

),

causes as (
    {% for cause_code in causes %}
    select
        lag_months,
        item_id,
        site_id,
        channel_id,
        category_id,
        family_id,
        period_start_date,
        made_in_cycle_id,
        error_units,
        actual_units,
        is_within_interval,
        expected_unit_price,
        '{{ cause_code }}' as cause_code,
        {{ cause_code }}_units as cause_units,
        {% if cause_code in ('stock_out', 'one_off_order') -%}
        'planning.demand_history_adjustments' as evidence_table,
        month_key || '/{{ cause_code }}' as evidence_key,
        1 as evidence_count
        {%- elif cause_code == 'promotion_miss' -%}
        coalesce(activity_table, case when promotion_adjustment_units <> 0 then 'planning.demand_history_adjustments' else 'published.fct_demand_plan' end)
            as evidence_table,
        coalesce(first_activity_id || '/', '') || month_key as evidence_key,
        case when activity_count > 0 then activity_count else 1 end as evidence_count
        {%- elif cause_code == 'launch_or_phase_out' -%}
        coalesce(launch_table, activity_table, 'published.fct_demand_plan') as evidence_table,
        case launch_table when 'core.dim_items' then item_id else month_key end as evidence_key,
        1 as evidence_count
        {%- elif cause_code == 'price' -%}
        case when taken_price_units <> 0 then 'core.fct_demand_history' else coalesce(activity_table, 'published.fct_demand_plan') end
            as evidence_table,
        month_key as evidence_key,
        case when taken_price_units <> 0 then order_lines else 1 end as evidence_count
        {%- elif cause_code == 'timing' -%}
        'marts.fct_forecast_accuracy' as evidence_table,
        month_key as evidence_key,
        3 as evidence_count
        {%- elif cause_code == 'model_bias' -%}
        case when months_so_far >= tracking_signal_limit then 'marts.fct_forecast_accuracy' else 'planning.backtest_errors' end
            as evidence_table,
        month_key as evidence_key,
        case when months_so_far >= tracking_signal_limit then months_so_far else backtest_origins end as evidence_count
        {%- else -%}
        cast(null as varchar) as evidence_table,
        cast(null as varchar) as evidence_key,
        0 as evidence_count
        {%- endif %}
    from parted
    where {{ cause_code }}_units <> 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- People have the last word on what caused a part; its units stay what they are.
judged as (

    select
        causes.*,
        coalesce(confirmed.confirmed_cause_code, causes.cause_code) as final_cause_code,
        confirmed.confirmation_id,
        confirmed.confirmed_by,
        confirmed.confirmed_date,
        coalesce(confirmed.confirmed_cause_code <> causes.cause_code, false) as is_replaced
    from causes
    left join confirmed
        on {{ same_series_month('causes', 'confirmed', ['cause_code']) }}

),

final as (

    select
        cycle.cycle_id,
        causes.lag_months,
        causes.item_id,
        causes.site_id,
        causes.channel_id,
        causes.category_id,
        causes.family_id,
        causes.period_start_date,
        causes.made_in_cycle_id,
        causes.final_cause_code as cause_code,
        {{ cause_id('causes.final_cause_code', 'causes.item_id', 'causes.site_id') }} as cause_id,
        case causes.final_cause_code
            {%- for cause_code in causes %}
            when '{{ cause_code }}' then {{ loop.index }}
            {%- endfor %}
        end as rule_number,
        causes.cause_code as machine_cause_code,
        causes.confirmed_by,
        causes.confirmed_date,
        causes.cause_units,
        {{ ratio('abs(causes.cause_units)',
            'sum(abs(causes.cause_units)) over (partition by causes.lag_months, causes.item_id, causes.site_id, causes.channel_id, causes.period_start_date)') }}
            as cause_ratio,
        {{ product('causes.cause_units', 'causes.expected_unit_price') }} as cause_value,
        causes.error_units,
        causes.actual_units,
        coalesce(causes.is_within_interval, false) as is_within_interval,
        case when causes.is_replaced then 'planner.cause_confirmations' else causes.evidence_table end as evidence_table,
        case when causes.is_replaced then causes.confirmation_id else causes.evidence_key end as evidence_key,
        case when causes.is_replaced then 1 else causes.evidence_count end as evidence_count
    from judged as causes
    cross join cycle

)

{{ select_contract('final') }}
