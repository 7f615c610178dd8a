with

cycle as (select * from {{ ref('dim_cycle') }}),

assumptions as (select * from {{ source('planner', 'assumptions') }}),

measured as (

    select *
    from {{ ref('measured_values') }}
    where subject = 'assumption'

),

held_against as (

    select
        cycle.cycle_id,
        assumptions.assumption_id,
        assumptions.opened_cycle_id,
        assumptions.statement,
        {{ measured_metric('assumptions') }} as metric,
        assumptions.scope,
        assumptions.scope_id,
        assumptions.expected_value,
        assumptions.tolerance_value,
        assumptions.unit,
        assumptions.expires_cycle_id,
        assumptions.assumption_status as declared_status,
        assumptions.owner,
        case when coalesce(measured.months_measured, 0) > 0 then measured.first_period_start_date end as first_period_start_date,
        case when coalesce(measured.months_measured, 0) > 0 then measured.last_period_start_date end as last_period_start_date,
        coalesce(measured.months_measured, 0) as months_measured,
        measured.unit as measured_unit,
        measured.measured_value as actual_value,
        measured.measured_value - assumptions.expected_value as distance_value,
        abs(measured.measured_value - assumptions.expected_value) - coalesce(assumptions.tolerance_value, 0) as beyond_tolerance_value,
        coalesce(assumptions.expires_cycle_id, cycle.cycle_id) < cycle.cycle_id as is_expired,
        {{ cycle_month('assumptions.opened_cycle_id') }} >= cycle.cycle_start_date as is_too_young
    from assumptions
    cross join cycle
    left join measured on assumptions.assumption_id = measured.subject_id

),

judged as (

    select
        held_against.*,
        case
            when metric = 'not_testable' then 'not_testable'
            when expected_value is null then 'not_testable'
            when is_too_young and not is_expired then 'open'
            when actual_value is null then 'not_testable'
            when is_expired then 'expired'
            when beyond_tolerance_value <= 0 then 'held'
            else 'broken'
        end as state,
        case
            when metric = 'not_testable' then 'No measure is named: nothing can show it wrong'
            when expected_value is null then 'No value is expected: nothing can show it wrong'
            when is_too_young and not is_expired then 'No month has closed since it was made'
            when actual_value is null then 'No figure of ' || metric || ' for ' || scope || ' ' || scope_id || ' in its months'
            when is_expired then 'Its last cycle is over'
            when beyond_tolerance_value <= 0 then 'Within its tolerance'
            else 'Beyond its tolerance'
        end as state_reason,
        case when actual_value is not null and expected_value is not null then beyond_tolerance_value <= 0 end as is_within_tolerance
    from held_against

),

final as (

    select
        judged.*,
        -- of what could be measured
        {{ ratio('sum(case when is_within_tolerance then 1 else 0 end) over (partition by owner)',
            'count(is_within_tolerance) over (partition by owner)') }} as owner_hit_ratio,
        {{ ratio('sum(case when is_within_tolerance then 1 else 0 end) over ()', 'count(is_within_tolerance) over ()') }} as hit_ratio
    from judged

)

{{ select_contract('final') }}
