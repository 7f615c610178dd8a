with

measures as (select * from {{ ref('kpi_measures') }}),

dictionary as (select * from {{ ref('kpi_dictionary') }}),

targets as (select * from {{ source('planner', 'kpi_targets') }}),

earlier_scorecards as (select * from {{ source('published', 'kpi_scorecard') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

prior_scorecard as (

    select
        earlier_scorecards.kpi_id,
        earlier_scorecards.actual_value as prior_value
    from earlier_scorecards
    cross join cycle
    where {{ cycle_month('earlier_scorecards.cycle_id') }} = {{ last_closed_month() }}

),

compared as (

    select
        measures.cycle_id,
        measures.kpi_id,
        dictionary.kpi_name,
        dictionary.process_step,
        dictionary.unit,
        dictionary.better_is,
        measures.period_start_date,
        measures.numerator,
        measures.denominator,
        measures.actual_value,
        measures.no_data_reason,
        targets.target_value,
        targets.tolerance_value,
        targets.owner,
        prior_scorecard.prior_value,
        measures.actual_value - targets.target_value as gap_value,
        measures.actual_value - prior_scorecard.prior_value as change_value,
        -- Distance on the bad side, 0 where there is none.
        case
            when dictionary.better_is = 'higher' and measures.actual_value < targets.target_value
                then targets.target_value - measures.actual_value
            when dictionary.better_is = 'lower' and measures.actual_value > targets.target_value
                then measures.actual_value - targets.target_value
            when dictionary.better_is = 'target' then abs(measures.actual_value - targets.target_value)
            else 0
        end as shortfall_value
    from measures
    inner join dictionary on measures.kpi_id = dictionary.kpi_id
    left join targets on measures.kpi_id = targets.kpi_id
    left join prior_scorecard on measures.kpi_id = prior_scorecard.kpi_id

),

judged as (

    select
        compared.*,
        case
            when actual_value is null then 'no_data'
            when target_value is null then 'no_target'
            when better_is = 'target' and 2 * shortfall_value <= tolerance_value then 'green'
            when better_is <> 'target' and shortfall_value = 0 then 'green'
            when shortfall_value <= tolerance_value then 'amber'
            else 'red'
        end as status,
        case
            when change_value is null then 'unknown'
            when change_value = 0 then 'unchanged'
            when better_is = 'higher' then case when change_value > 0 then 'better' else 'worse' end
            when better_is = 'lower' then case when change_value < 0 then 'better' else 'worse' end
            when target_value is null then 'unknown'
            when abs(gap_value) < abs(prior_value - target_value) then 'better'
            when abs(gap_value) > abs(prior_value - target_value) then 'worse'
            else 'unchanged'
        end as trend
    from compared

),

in_words as (

    select
        judged.*,
        {{ kpi_words('actual_value') }} as actual_words,
        {{ kpi_words('target_value') }} as target_words,
        {{ kpi_words('abs(gap_value)', ' points') }} as gap_words,
        {{ kpi_words('tolerance_value', ' points') }} as tolerance_words
    from judged

),

scorecard as (

    select
        cycle_id,
        kpi_id,
        kpi_name,
        process_step,
        unit,
        better_is,
        period_start_date,
        numerator,
        denominator,
        actual_value,
        target_value,
        tolerance_value,
        gap_value,
        prior_value,
        change_value,
        trend,
        owner,
        status,
        case status
            when 'no_data' then no_data_reason
            when 'no_target' then 'At ' || actual_words || '; no target is set.'
            else
                'At ' || actual_words
                || case
                    when gap_value = 0 then ', on the target of ' || target_words
                    when gap_value > 0 then ', ' || gap_words || ' above the target of ' || target_words
                    else ', ' || gap_words || ' below the target of ' || target_words
                end
                || case status
                    when 'amber' then ': within the tolerance of ' || tolerance_words || '.'
                    when 'red' then ': beyond the tolerance of ' || tolerance_words || '.'
                    else '.'
                end
        end as status_reason
    from in_words

)

{{ select_contract('scorecard') }}
