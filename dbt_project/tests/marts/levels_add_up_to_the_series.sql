-- Every group of every level is, month by month, exactly the sum of the statistical forecasts of its series.
{%- set columns_by_level = {
    'total': none, 'channel': 'channel_id', 'site': 'site_id', 'category': 'category_id', 'family': 'family_id',
    'subfamily': 'subfamily_id',
} %}
with

levels as (select * from {{ ref('fct_level_forecasts') }}),

forecasts as (select * from {{ source('planning', 'statistical_forecasts') }}),

items as (select * from {{ ref('dim_items') }}),

series as (

    select
        forecasts.site_id,
        forecasts.channel_id,
        items.category_id,
        items.family_id,
        items.subfamily_id,
        forecasts.period_start_date,
        forecasts.forecast_units
    from forecasts
    left join items on forecasts.item_id = items.item_id

),

summed as (
{% for level, column in columns_by_level.items() %}
    select
        '{{ level }}' as level,
        {% if column is none %}'total'{% else %}coalesce({{ column }}, 'unassigned'){% endif %} as level_id,
        period_start_date,
        sum(forecast_units) as series_units
    from series
    group by {% if column is not none %}coalesce({{ column }}, 'unassigned'), {% endif %}period_start_date
    {% if not loop.last %}
    union all
    {% endif %}
{% endfor %}
)

select
    coalesce(levels.level, summed.level) as level,
    coalesce(levels.level_id, summed.level_id) as level_id,
    coalesce(levels.period_start_date, summed.period_start_date) as period_start_date,
    levels.forecast_units,
    summed.series_units
from levels
full outer join summed
    on
        levels.level = summed.level
        and levels.level_id = summed.level_id
        and levels.period_start_date = summed.period_start_date
where
    levels.forecast_units is null
    or summed.series_units is null
    or levels.forecast_units <> summed.series_units
