-- At every level and month the outlook is exactly the sum of the demand plan's series: demand, statistical forecast and plan.
-- Its interval is there where the level's own is, contains the plan, is never below 0, and the 95 % one holds the 80 % one.
{%- set columns_by_level = {
    'company': none, 'category': 'category_id', 'family': 'family_id', 'channel': 'channel_id', 'site': 'site_id',
} %}
with

outlook as (select * from {{ ref('fct_demand_outlook') }}),

series as (select * from {{ ref('fct_demand_plan') }}),

level_forecasts as (select * from {{ ref('fct_level_forecasts') }}),

summed as (
{% for level, column in columns_by_level.items() %}
    select
        '{{ level }}' as level,
        {{ "'all'" if column is none else column }} as level_id,
        period_start_date,
        sum(actual_units) as actual_units,
        sum(statistical_units) as statistical_units,
        sum(forecast_units) as forecast_units
    from series
    group by {% if column is not none %}{{ column }}, {% endif %}period_start_date
    {% if not loop.last %}
    union all
    {% endif %}
{% endfor %}
),

differences as (

    select
        'sum' as law,
        coalesce(outlook.level, summed.level) as level,
        coalesce(outlook.level_id, summed.level_id) as level_id,
        coalesce(outlook.period_start_date, summed.period_start_date) as period_start_date
    from outlook
    full outer join summed
        on
            outlook.level = summed.level
            and outlook.level_id = summed.level_id
            and outlook.period_start_date = summed.period_start_date
    where
        outlook.level is null
        -- a closed month without a row in the plan: nothing was ordered
        or (summed.level is null and not (outlook.is_history and outlook.actual_units = 0))
        or (
            summed.level is not null
            and (
                outlook.actual_units is distinct from summed.actual_units
                or outlook.statistical_units is distinct from summed.statistical_units
                or outlook.forecast_units is distinct from summed.forecast_units
            )
        )

),

intervals as (

    select
        'interval' as law,
        level,
        level_id,
        period_start_date
    from outlook
    where
        lower_95_units < 0
        or lower_95_units > lower_80_units
        or lower_80_units > forecast_units
        or forecast_units > upper_80_units
        or upper_80_units > upper_95_units

),

lost as (

    select
        'own interval' as law,
        outlook.level,
        outlook.level_id,
        outlook.period_start_date
    from outlook
    inner join level_forecasts
        on
            outlook.level = case when level_forecasts.level = 'total' then 'company' else level_forecasts.level end
            and outlook.level_id = case when level_forecasts.level = 'total' then 'all' else level_forecasts.level_id end
            and outlook.period_start_date = level_forecasts.period_start_date
    where
        (outlook.upper_95_units is null) <> (level_forecasts.upper_95_units is null)
        or outlook.statistical_units <> level_forecasts.forecast_units

)

select * from differences
union all
select * from intervals
union all
select * from lost
