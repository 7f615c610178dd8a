-- Each cycle speaks of its last closed month only, as it was released: a month that a later cycle judged otherwise is not
-- counted twice.
with

cycle as (select * from {{ ref('dim_cycle') }}),

own as (select * from {{ ref('fct_supply_deviation_causes') }}),

released as (select * from {{ ref('released_supply_causes') }}),

actions as (select * from {{ source('planner', 'actions') }}),

causes as (
    {% for relation in ('own', 'released') %}
    select
        cycle_id,
        {{ supply_cause_id('metric', 'cause', 'object_id', 'site_id') }} as cause_id,
        metric,
        cause,
        object_id,
        site_id,
        unit,
        gap_quantity,
        gap_ratio
    from {{ relation }}
    where
        cause not in ('unexplained', 'expected_scrap', 'overtime')
        and period_start_date = {{ months_after(cycle_month('cycle_id'), -1) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

seen as (

    select
        cause_id,
        metric,
        cause,
        object_id,
        site_id,
        unit,
        count(*) as cycles_seen,
        min(cycle_id) as first_cycle_id,
        max(cycle_id) as last_cycle_id,
        sum(gap_quantity) as gap_quantity,
        max(gap_ratio) as largest_gap_ratio
    from causes
    where gap_ratio >= {{ recurring_supply_ratio() }}
    group by cause_id, metric, cause, object_id, site_id, unit

),

{{ answers_of_causes() }},

final as (
    {{ recurrence_of_causes([
    'cause_id', 'metric', 'cause', 'object_id', 'site_id', 'unit', 'cycles_seen', 'first_cycle_id', 'last_cycle_id',
    'gap_quantity', 'largest_gap_ratio',
    ]) }}
)

{{ select_contract('final') }}
