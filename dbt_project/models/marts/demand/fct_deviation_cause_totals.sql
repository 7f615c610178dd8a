{% set levels = {'company': "'all'", 'category': 'category_id', 'family': 'family_id', 'site': 'site_id', 'channel': 'channel_id'} %}
with

causes as (select * from {{ ref('fct_demand_deviation_causes') }}),

parts as (

    select
        cycle_id,
        lag_months,
        period_start_date,
        cause_code,
        rule_number,
        category_id,
        family_id,
        site_id,
        channel_id,
        cause_units,
        abs(cause_units) as absolute_units,
        cause_value,
        abs(cause_value) as absolute_value,
        case when is_within_interval then abs(cause_units) else 0 end as within_interval_units,
        1 as series_count
    from causes

),

by_level as (
    {{ sum_by_level('parts', levels, ['cycle_id', 'lag_months', 'period_start_date', 'cause_code', 'rule_number'],
        ['cause_units', 'absolute_units', 'cause_value', 'absolute_value', 'within_interval_units', 'series_count']) }}
),

final as (

    select
        by_level.*,
        {{ ratio('absolute_units', 'sum(absolute_units) over (partition by lag_months, period_start_date, level, level_id)') }}
            as absolute_ratio,
        {{ ratio('within_interval_units', 'absolute_units') }} as within_interval_ratio
    from by_level

)

{{ select_contract('final') }}
