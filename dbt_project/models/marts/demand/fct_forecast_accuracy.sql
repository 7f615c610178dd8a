{#- Streams that older releases may lack: there they are empty, not 0. -#}
{%- set layered = ['launches', 'activities', 'sales', 'order_book'] -%}
{%- set forecast_streams = ['forecast_units', 'statistical_units'] + layered -%}
{%- set previous = {'previous_forecast_units': 'forecast_units', 'previous_statistical_units': 'statistical_units'} -%}
{#- What is added up per series, and where a measure is not read from a column of its own name. -#}
{%- set measures = forecast_streams + ['actual_units', 'naive_units'] + previous.keys() | list -%}
{%- set read_from = dict(previous, actual_units='ordered_units', naive_units='ordered_units') -%}
-- Forecasts, actuals and the seasonal naive are stacked and added up per series, not joined: a series that was ordered
-- without a forecast, or forecast without an order, is an error too and must not fall out.
with

snapshots as (select * from {{ ref('fct_forecast_snapshots') }}),

history as (select * from {{ ref('fct_demand_history') }}),

items as (select * from {{ ref('dim_items') }}),

classes as (select * from {{ source('planning', 'demand_classes') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

-- Made before the month's actuals were known: at lag 0 at the start of the month itself.
forecasts as (

    select
        snapshots.made_in_cycle_id,
        snapshots.lag_months,
        snapshots.period_start_date,
        snapshots.item_id,
        snapshots.site_id,
        snapshots.channel_id,
        snapshots.statistical_units,
        snapshots.statistical_units + snapshots.launch_units as launches,
        snapshots.statistical_units + snapshots.launch_units + snapshots.activity_units as activities,
        snapshots.statistical_units + snapshots.launch_units + snapshots.activity_units + snapshots.sales_units as sales,
        snapshots.forecast_units - snapshots.override_units as order_book,
        snapshots.forecast_units
    from snapshots
    cross join cycle
    where
        snapshots.period_start_date < cycle.cycle_start_date
        and snapshots.lag_months >= 0

),

measured_months as (

    select
        made_in_cycle_id,
        lag_months,
        period_start_date,
        {%- for stream in layered %}
        count({{ stream }}) > 0 as has_{{ stream }}{{ ',' if not loop.last }}
        {%- endfor %}
    from forecasts
    group by made_in_cycle_id, lag_months, period_start_date

),

-- The forecast of the same month that the cycle of the month before had made.
revised_months as (

    select
        measured_months.made_in_cycle_id,
        measured_months.lag_months,
        measured_months.period_start_date,
        earlier.made_in_cycle_id as previous_cycle_id
    from measured_months
    inner join measured_months as earlier
        on
            measured_months.period_start_date = earlier.period_start_date
            and measured_months.lag_months + 1 = earlier.lag_months

),

history_start as (

    select min(period_start_date) as first_month
    from history

),

stacked as (
    {%- for known, months, rows in [
        (forecast_streams, 'forecasts', 'forecasts'),
        (['actual_units'], 'measured_months', 'history'),
        (['naive_units'], 'measured_months', 'history'),
        (['previous_forecast_units', 'previous_statistical_units'], 'revised_months', 'forecasts'),
    ] %}
    select
        {{ months }}.made_in_cycle_id,
        {{ months }}.lag_months,
        {{ months }}.period_start_date,
        {{ rows }}.item_id,
        {{ rows }}.site_id,
        {{ rows }}.channel_id,
        {%- for measure in measures %}
        {{ rows ~ '.' ~ read_from.get(measure, measure) if measure in known else 'cast(0 as decimal(18, 3))' }} as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ months }}
    {%- if known == ['actual_units'] %}
    inner join history on measured_months.period_start_date = history.period_start_date
    {%- elif known == ['naive_units'] %}
    -- The same month a year before is closed at every lag that is kept, so the naive was known at making time.
    inner join history on {{ months_after('measured_months.period_start_date', -12) }} = history.period_start_date
    {%- elif months == 'revised_months' %}
    inner join forecasts
        on
            revised_months.previous_cycle_id = forecasts.made_in_cycle_id
            and revised_months.period_start_date = forecasts.period_start_date
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

series as (

    select
        made_in_cycle_id,
        lag_months,
        period_start_date,
        item_id,
        site_id,
        channel_id,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from stacked
    group by made_in_cycle_id, lag_months, period_start_date, item_id, site_id, channel_id

),

-- Scale of MASE (Hyndman and Koehler 2006): mean absolute change from the same month of the year before, over the months
-- of the series that were closed when the forecast was made.
first_orders as (

    select
        item_id,
        site_id,
        channel_id,
        {{ months_after('min(period_start_date)', 12) }} as first_compared_month
    from history
    group by item_id, site_id, channel_id

),

yearly_changes as (

    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        abs(sum(signed_units)) as change_units
    from (

        select
            item_id,
            site_id,
            channel_id,
            period_start_date,
            ordered_units as signed_units
        from history

        union all

        select
            item_id,
            site_id,
            channel_id,
            {{ months_after('period_start_date', 12) }} as period_start_date,
            -ordered_units as signed_units
        from history

    ) as years
    group by item_id, site_id, channel_id, period_start_date

),

makings as (

    select distinct
        made_in_cycle_id,
        {{ cycle_month('made_in_cycle_id') }} as made_month
    from measured_months

),

scales as (

    select
        makings.made_in_cycle_id,
        first_orders.item_id,
        first_orders.site_id,
        first_orders.channel_id,
        sum(yearly_changes.change_units) as change_units,
        {{ dbt.datediff('min(first_orders.first_compared_month)', 'min(makings.made_month)', 'month') }} as months
    from first_orders
    inner join makings on first_orders.first_compared_month < makings.made_month
    inner join yearly_changes
        on
            first_orders.item_id = yearly_changes.item_id
            and first_orders.site_id = yearly_changes.site_id
            and first_orders.channel_id = yearly_changes.channel_id
            and first_orders.first_compared_month <= yearly_changes.period_start_date
            and makings.made_month > yearly_changes.period_start_date
    group by makings.made_in_cycle_id, first_orders.item_id, first_orders.site_id, first_orders.channel_id

),

accuracy as (

    select
        cycle.cycle_id,
        series.lag_months,
        series.item_id,
        series.site_id,
        series.channel_id,
        items.category_id,
        items.family_id,
        items.subfamily_id,
        coalesce(classes.abc_class || classes.xyz_class, 'unclassified') as abc_xyz_class,
        coalesce(classes.demand_class, 'unclassified') as demand_class,
        series.period_start_date,
        series.made_in_cycle_id,
        series.forecast_units,
        series.actual_units,
        series.forecast_units - series.actual_units as error_units,
        abs(series.forecast_units - series.actual_units) as absolute_error_units,
        case
            when {{ months_after('series.period_start_date', -12) }} >= history_start.first_month
                then series.naive_units - series.actual_units
        end as naive_error_units,
        series.statistical_units - series.actual_units as statistical_error_units,
        {%- for stream in layered %}
        case when measured_months.has_{{ stream }} then series.{{ stream }} - series.actual_units end as {{ stream }}_error_units,
        {%- endfor %}
        {{ ratio('scales.change_units', 'scales.months') }} as scale_units,
        case when revised_months.previous_cycle_id is not null then series.previous_forecast_units end
            as previous_forecast_units,
        case when revised_months.previous_cycle_id is not null then series.previous_statistical_units end
            as previous_statistical_units
    from series
    cross join cycle
    cross join history_start
    inner join measured_months
        on
            series.made_in_cycle_id = measured_months.made_in_cycle_id
            and series.period_start_date = measured_months.period_start_date
    left join revised_months
        on
            series.made_in_cycle_id = revised_months.made_in_cycle_id
            and series.period_start_date = revised_months.period_start_date
    left join scales
        on
            series.made_in_cycle_id = scales.made_in_cycle_id
            and series.item_id = scales.item_id
            and series.site_id = scales.site_id
            and series.channel_id = scales.channel_id
    left join classes
        on
            series.item_id = classes.item_id
            and series.site_id = classes.site_id
            and series.channel_id = classes.channel_id
    left join items on series.item_id = items.item_id

)

{{ select_contract('accuracy') }}
