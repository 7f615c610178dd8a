-- Changes by layer add up to the change of the forecast, changes over the cycles to newest minus first, families to the company.
with

waterfall as (select * from {{ ref('fct_forecast_waterfall') }}),

ends as (

    select
        level,
        level_id,
        period_start_date,
        max(made_in_cycle_id) as newest_cycle_id,
        sum(change_units) as change_units
    from waterfall
    group by level, level_id, period_start_date

),

layers as (

    select
        'layers' as law,
        level,
        level_id,
        period_start_date,
        made_in_cycle_id
    from waterfall
    where
        change_units <> forecast_units - previous_forecast_units
        or change_units
        <> statistical_change_units + launch_change_units + activity_change_units
        + sales_change_units + order_book_change_units + override_change_units

),

cycles as (

    select
        'cycles' as law,
        newest.level,
        newest.level_id,
        newest.period_start_date,
        newest.made_in_cycle_id
    from ends
    inner join waterfall as newest
        on
            ends.level = newest.level
            and ends.level_id = newest.level_id
            and ends.period_start_date = newest.period_start_date
            and ends.newest_cycle_id = newest.made_in_cycle_id
    inner join waterfall as oldest
        on
            ends.level = oldest.level
            and ends.level_id = oldest.level_id
            and ends.period_start_date = oldest.period_start_date
            and oldest.previous_cycle_id is null
    where coalesce(ends.change_units, 0) <> newest.forecast_units - oldest.forecast_units

),

families as (

    select
        'families' as law,
        'company' as level,
        'all' as level_id,
        period_start_date,
        made_in_cycle_id
    from waterfall
    where level in ('company', 'family')
    group by period_start_date, made_in_cycle_id
    having
        sum(case when level = 'company' then forecast_units else -forecast_units end) <> 0
        or sum(case when level = 'company' then change_units else -change_units end) <> 0

)

select * from layers
union all
select * from cycles
union all
select * from families
