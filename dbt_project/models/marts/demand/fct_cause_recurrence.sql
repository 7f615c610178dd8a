-- Each cycle speaks of its last closed month only, as it was released: a month that a later cycle judged otherwise is not
-- counted twice. The error of the longest lag there is stands for the month.
with

cycle as (select * from {{ ref('dim_cycle') }}),

own as (select * from {{ ref('fct_demand_deviation_causes') }}),

released as (select * from {{ ref('released_causes') }}),

actions as (select * from {{ source('planner', 'actions') }}),

causes as (
    {% for relation in ('own', 'released') %}
    select
        cycle_id,
        lag_months,
        item_id,
        site_id,
        channel_id,
        category_id,
        family_id,
        cause_code,
        cause_id,
        cause_units,
        cause_value,
        actual_units
    from {{ relation }}
    where
        cause_code <> 'unexplained'
        and period_start_date = {{ months_after(cycle_month('cycle_id'), -1) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

longest_lags as (

    select
        cycle_id,
        max(lag_months) as lag_months
    from causes
    group by cycle_id

),

by_cycle as (

    select
        causes.cycle_id,
        causes.cause_id,
        causes.cause_code,
        causes.item_id,
        causes.site_id,
        max(causes.category_id) as category_id,
        max(causes.family_id) as family_id,
        sum(abs(causes.cause_units)) as absolute_units,
        sum(abs(causes.cause_value)) as absolute_value,
        sum(causes.actual_units) as actual_units
    from causes
    inner join longest_lags on causes.cycle_id = longest_lags.cycle_id and causes.lag_months = longest_lags.lag_months
    group by causes.cycle_id, causes.cause_id, causes.cause_code, causes.item_id, causes.site_id

),

seen as (

    select
        cause_id,
        cause_code,
        item_id,
        site_id,
        max(category_id) as category_id,
        max(family_id) as family_id,
        count(*) as cycles_seen,
        min(cycle_id) as first_cycle_id,
        max(cycle_id) as last_cycle_id,
        sum(absolute_units) as absolute_units,
        sum(absolute_value) as absolute_value
    from by_cycle
    where absolute_units >= {{ recurring_minimum_ratio() }} * actual_units
    group by cause_id, cause_code, item_id, site_id

),

{{ answers_of_causes() }},

final as (
    {{ recurrence_of_causes([
    'cause_id', 'cause_code', 'item_id', 'site_id', 'category_id', 'family_id', 'cycles_seen', 'first_cycle_id',
    'last_cycle_id', 'absolute_units', 'absolute_value',
    ]) }}
)

{{ select_contract('final') }}
