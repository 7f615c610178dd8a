{%- set columns_by_level = {
    'total': none, 'channel': 'channel_id', 'site': 'site_id', 'category': 'category_id', 'family': 'family_id',
    'subfamily': 'subfamily_id',
} %}
with

forecasts as (select * from {{ source('planning', 'level_forecasts') }}),

history as (select * from {{ ref('fct_demand_history') }}),

items as (select * from {{ ref('dim_items') }}),

demand as (

    select
        history.site_id,
        history.channel_id,
        items.category_id,
        items.family_id,
        items.subfamily_id,
        history.period_start_date,
        history.ordered_units
    from history
    left join items on history.item_id = items.item_id

),

demand_by_level as (
{% for level, column in columns_by_level.items() %}
    select
        '{{ level }}' as level,
        {% if column is none %}'total'{% else %}coalesce({{ column }}, 'unassigned'){% endif %} as level_id,
        period_start_date,
        sum(ordered_units) as ordered_units
    from demand
    group by {% if column is not none %}coalesce({{ column }}, 'unassigned'), {% endif %}period_start_date
    {% if not loop.last %}
    union all
    {% endif %}
{% endfor %}
),

levels as (

    select
        forecasts.cycle_id,
        forecasts.level,
        forecasts.level_id,
        forecasts.period_start_date,
        forecasts.series as series_count,
        forecasts.model,
        forecasts.reason_code,
        forecasts.is_reconciled,
        forecasts.base_forecast_units,
        forecasts.forecast_units,
        forecasts.lower_80_units,
        forecasts.upper_80_units,
        forecasts.lower_95_units,
        forecasts.upper_95_units,
        last_year.ordered_units as last_year_units,
        forecasts.backtest_wape_ratio
    from forecasts
    left join demand_by_level as last_year
        on
            forecasts.level = last_year.level
            and forecasts.level_id = last_year.level_id
            and {{ months_after('forecasts.period_start_date', -12) }} = last_year.period_start_date

)

{{ select_contract('levels') }}
