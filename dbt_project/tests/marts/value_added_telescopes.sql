-- Steps lead from the naive to what was published without a gap: their value added is the difference of the two, in units
-- and in points of WAPE; what people and single overrides added is what their step added.
with

value_added as (select * from {{ ref('fct_forecast_value_added') }}),

performance as (select * from {{ ref('fct_forecast_performance') }}),

published as (

    select
        lag_months,
        level,
        level_id,
        sum(naive_absolute_error_units - absolute_error_units) as value_added_units
    from performance
    where stream = 'final' and naive_absolute_error_units is not null
    group by lag_months, level, level_id

),

stairs as (

    select
        lag_months,
        level,
        level_id,
        sum(value_added_units) as value_added_units,
        sum(value_added_ratio) as value_added_ratio,
        max(case when step_number = 1 then wape_before_ratio end)
        - max(case when step = 'overrides' then wape_after_ratio end) as wape_difference_ratio
    from value_added
    where detail = 'step'
    group by lag_months, level, level_id

),

gaps as (

    select
        'stair' as law,
        published.lag_months,
        published.level,
        published.level_id,
        published.value_added_units as expected_units,
        stairs.value_added_units as found_units
    from published
    left join stairs
        on
            published.lag_months = stairs.lag_months
            and published.level = stairs.level
            and published.level_id = stairs.level_id
    where
        coalesce(stairs.value_added_units <> published.value_added_units, true)
        or stairs.value_added_ratio <> stairs.wape_difference_ratio

),

details as (

    select
        step,
        lag_months,
        level,
        level_id,
        sum(case when detail = 'step' then value_added_units else 0 end) as step_units,
        sum(case when detail = 'person' then value_added_units else 0 end) as person_units,
        sum(case when detail = 'override' then value_added_units else 0 end) as override_units
    from value_added
    where step in ('sales', 'overrides') and level in ('company', 'category', 'family')
    group by step, lag_months, level, level_id

),

people as (

    select
        'people' as law,
        lag_months,
        level,
        level_id,
        step_units as expected_units,
        person_units as found_units
    from details
    where step_units <> person_units or (step = 'overrides' and step_units <> override_units)

)

select * from gaps
union all
select * from people
