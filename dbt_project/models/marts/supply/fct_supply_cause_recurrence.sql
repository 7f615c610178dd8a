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

answers as (

    select
        cause_id,
        min(action_id) as action_id,
        count(*) as action_count
    from actions
    where cause_id is not null and action_status <> 'cancelled'
    group by cause_id

),

final as (

    select
        cycle.cycle_id,
        seen.cause_id,
        seen.metric,
        seen.cause,
        seen.object_id,
        seen.site_id,
        seen.unit,
        seen.cycles_seen,
        seen.first_cycle_id,
        seen.last_cycle_id,
        seen.gap_quantity,
        seen.largest_gap_ratio,
        answers.action_id,
        coalesce(answers.action_count, 0) as action_count,
        seen.cycles_seen >= {{ recurring_minimum_cycles() }} and answers.action_id is null as is_exception
    from seen
    cross join cycle
    left join answers on seen.cause_id = answers.cause_id

)

{{ select_contract('final') }}
