{%- set levels = review_levels() -%}
{%- do levels.pop('abc_xyz') -%}
{%- do levels.pop('demand_class') -%}
{%- set layers = forecast_layers().values() | list -%}
with

snapshots as (select * from {{ ref('fct_forecast_snapshots') }}),

history as (select * from {{ ref('fct_demand_history') }}),

items as (select * from {{ ref('dim_items') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

-- A layer that a release did not have yet moved nothing in it: the others make up its forecast.
series as (

    select
        snapshots.made_in_cycle_id,
        snapshots.period_start_date,
        items.category_id,
        items.family_id,
        items.subfamily_id,
        snapshots.site_id,
        snapshots.channel_id,
        {%- for layer in layers %}
        coalesce(snapshots.{{ layer }}, 0) as {{ layer }},
        {%- endfor %}
        snapshots.forecast_units,
        cast(0 as decimal(18, 3)) as actual_units
    from snapshots
    left join items on snapshots.item_id = items.item_id

),

kept_cycles as (

    select distinct
        made_in_cycle_id,
        period_start_date
    from series

),

-- Demand of the closed months, once beside each of their forecasts.
demand as (

    select
        kept_cycles.made_in_cycle_id,
        history.period_start_date,
        items.category_id,
        items.family_id,
        items.subfamily_id,
        history.site_id,
        history.channel_id,
        {%- for layer in layers %}
        cast(0 as decimal(18, 3)) as {{ layer }},
        {%- endfor %}
        cast(0 as decimal(18, 3)) as forecast_units,
        history.ordered_units as actual_units
    from history
    inner join kept_cycles on history.period_start_date = kept_cycles.period_start_date
    left join items on history.item_id = items.item_id

),

stacked as (

    select * from series
    union all
    select * from demand

),

by_level as (
    {{ sum_by_level('stacked', levels, ['made_in_cycle_id', 'period_start_date'], layers + ['forecast_units', 'actual_units']) }}
),

-- Every kept cycle of a month beside every name that any of them has forecast: what one of them left out it forecast as 0.
names as (

    select distinct
        level,
        level_id,
        period_start_date
    from by_level

),

complete as (

    select
        names.level,
        names.level_id,
        names.period_start_date,
        kept_cycles.made_in_cycle_id,
        {%- for layer in layers %}
        coalesce(by_level.{{ layer }}, 0) as {{ layer }},
        {%- endfor %}
        coalesce(by_level.forecast_units, 0) as forecast_units,
        coalesce(by_level.actual_units, 0) as actual_units
    from names
    inner join kept_cycles on names.period_start_date = kept_cycles.period_start_date
    left join by_level
        on
            names.level = by_level.level
            and names.level_id = by_level.level_id
            and names.period_start_date = by_level.period_start_date
            and kept_cycles.made_in_cycle_id = by_level.made_in_cycle_id

),

with_previous as (

    select
        complete.*,
        lag(made_in_cycle_id) over (partition by level, level_id, period_start_date order by made_in_cycle_id)
            as previous_cycle_id,
        {%- for layer in layers %}
        lag({{ layer }}) over (partition by level, level_id, period_start_date order by made_in_cycle_id)
            as previous_{{ layer }},
        {%- endfor %}
        lag(forecast_units) over (partition by level, level_id, period_start_date order by made_in_cycle_id)
            as previous_forecast_units
    from complete

),

waterfall as (

    select
        cycle.cycle_id,
        with_previous.level,
        with_previous.level_id,
        with_previous.period_start_date,
        with_previous.made_in_cycle_id,
        {{ dbt.datediff(cycle_month('with_previous.made_in_cycle_id'), 'with_previous.period_start_date', 'month') }} as lag_months,
        with_previous.previous_cycle_id,
        with_previous.forecast_units,
        with_previous.previous_forecast_units,
        with_previous.forecast_units - with_previous.previous_forecast_units as change_units,
        {%- for layer in layers %}
        with_previous.{{ layer }} - with_previous.previous_{{ layer }} as {{ layer | replace('_units', '_change_units') }},
        {%- endfor %}
        case when with_previous.period_start_date < cycle.cycle_start_date then with_previous.actual_units end
            as actual_units
    from with_previous
    cross join cycle

)

{{ select_contract('waterfall') }}
