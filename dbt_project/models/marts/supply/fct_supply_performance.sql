{#- One CTE per family of measures, at its finest grain, all of one shape: numerator and denominator with the dimensions
    that the measure has. Levels are sums of these rows. A new measure is a CTE and a line in `measures`. -#}
{%- set levels = {
    'company': "'all'", 'category': 'category_id', 'family': 'family_id', 'item': 'item_id', 'site': 'site_id',
    'channel': 'channel_id', 'supplier': 'supplier_id', 'resource': 'resource_id',
} -%}
{%- set no_id = 'cast(null as varchar)' -%}
with

order_lines as (select * from {{ ref('fct_order_lines') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

open_supply as (select * from {{ ref('fct_open_supply') }}),

sources as (select * from {{ ref('fct_sources') }}),

production as (select * from {{ ref('fct_production_history') }}),

resource_hours as (select * from {{ ref('fct_resource_history') }}),

resources as (select * from {{ ref('dim_resources') }}),

hours_split as (select * from {{ ref('resource_hours_split') }}),

items as (select * from {{ ref('dim_items') }}),

published_plans as (select * from {{ source('published', 'fct_production_plan') }}),

published_flows as (select * from {{ source('published', 'fct_supply_plan') }}),

order_placements as (select * from {{ ref('purchase_order_lines') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

-- Lines due in a month by the day the customer asked for; what was shipped beyond the order does not count.
lines_due as (

    select
        {{ month_of('requested_date') }} as period_start_date,
        item_id,
        site_id,
        channel_id,
        ordered_units,
        case
            when shipped_by_requested_units < ordered_units then shipped_by_requested_units
            else ordered_units
        end as in_time_units
    from order_lines
    where order_type = 'order' and not is_cancelled

),

customer_service as (
    {% for metric, unit, numerator, denominator in [
        ('customer_otif', 'order lines', 'case when in_time_units >= ordered_units then 1 else 0 end', '1'),
        ('fill_rate', 'base units', 'in_time_units', 'ordered_units'),
    ] %}
    select
        '{{ metric }}' as metric,
        '{{ unit }}' as unit,
        period_start_date,
        item_id,
        site_id,
        channel_id,
        {{ no_id }} as supplier_id,
        {{ no_id }} as resource_id,
        {{ numerator }} as numerator,
        {{ denominator }} as denominator
    from lines_due
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A line may come in parts: it is one line, served when what came by the day promised completes it.
received_lines as (

    select
        purchase_order_id || '/' || line_id as supply_id,
        item_id,
        site_id,
        supplier_id,
        due_date,
        max(received_date) as received_date,
        max(case when is_on_time and is_in_full then 1 else 0 end) as served
    from receipts
    group by purchase_order_id, line_id, item_id, site_id, supplier_id, due_date

),

-- By the day promised. A line that is overdue and still open was due as well: without it, late looks like never due.
supplier_service as (

    select
        'supplier_otif' as metric,
        'order lines' as unit,
        {{ month_of('due_date') }} as period_start_date,
        item_id,
        site_id,
        {{ no_id }} as channel_id,
        supplier_id,
        {{ no_id }} as resource_id,
        served as numerator,
        1 as denominator
    from received_lines

    union all

    select
        'supplier_otif' as metric,
        'order lines' as unit,
        {{ month_of('open_supply.due_date') }} as period_start_date,
        open_supply.item_id,
        open_supply.site_id,
        {{ no_id }} as channel_id,
        sources.supplier_id,
        {{ no_id }} as resource_id,
        0 as numerator,
        1 as denominator
    from open_supply
    left join sources on open_supply.source_id = sources.source_id
    left join received_lines on open_supply.supply_id = received_lines.supply_id
    where
        open_supply.supply_type = 'purchase'
        and open_supply.is_overdue
        and received_lines.supply_id is null

),

-- Days from the day promised to the last receipt of the line: what is late and what is early set off, and in size.
lead_time_errors as (
    {% for metric, days in [('lead_time_error', 'days_late'), ('lead_time_absolute_error', 'abs(days_late)')] %}
    select
        '{{ metric }}' as metric,
        'days and order lines' as unit,
        {{ month_of('due_date') }} as period_start_date,
        item_id,
        site_id,
        {{ no_id }} as channel_id,
        supplier_id,
        {{ no_id }} as resource_id,
        {{ days }} as numerator,
        1 as denominator
    from (
        select
            received_lines.*,
            {{ dbt.datediff('due_date', 'received_date', 'day') }} as days_late
        from received_lines
    ) as dated
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What the cycle of the month planned to order in it, against what was ordered.
purchases as (

    select
        published_flows.item_id,
        published_flows.site_id,
        published_flows.supplier_id,
        published_flows.period_start_date,
        published_flows.released_units as planned_units,
        cast(0 as decimal(18, 3)) as ordered_units
    from published_flows
    cross join cycle
    where
        published_flows.scenario_id = 'base'
        and published_flows.source_type = 'buy'
        and published_flows.period_start_date = {{ cycle_month('published_flows.cycle_id') }}
        and published_flows.period_start_date < cycle.cycle_start_date

    union all

    select
        order_placements.item_id,
        order_placements.site_id,
        order_placements.supplier_id,
        {{ month_of('order_placements.ordered_date') }} as period_start_date,
        cast(0 as decimal(18, 3)) as planned_units,
        order_placements.ordered_units
    from order_placements
    inner join (
        select distinct {{ cycle_month('cycle_id') }} as period_start_date from published_flows
    ) as planned_periods
        on {{ month_of('order_placements.ordered_date') }} = planned_periods.period_start_date

),

purchase_adherence as (

    select
        'purchase_adherence' as metric,
        'base units' as unit,
        period_start_date,
        item_id,
        site_id,
        {{ no_id }} as channel_id,
        supplier_id,
        {{ no_id }} as resource_id,
        sum(planned_units) - abs(sum(ordered_units) - sum(planned_units)) as numerator,
        sum(planned_units) as denominator
    from purchases
    group by period_start_date, item_id, site_id, supplier_id

),

planned_production as (
    {{ planned_production_of_closed_months() }}
),

planned_months as (

    select distinct period_start_date
    from planned_production

),

plan_and_actual as (

    select
        item_id,
        site_id,
        period_start_date,
        planned_units,
        cast(0 as decimal(18, 3)) as completed_units
    from planned_production

    union all

    select
        production.item_id,
        production.site_id,
        production.period_start_date,
        cast(0 as decimal(18, 3)) as planned_units,
        production.completed_units
    from production
    inner join planned_months on production.period_start_date = planned_months.period_start_date

),

attainment as (

    select
        item_id,
        site_id,
        period_start_date,
        sum(planned_units) as planned_units,
        sum(completed_units) as completed_units
    from plan_and_actual
    group by item_id, site_id, period_start_date

),

production_performance as (
    {% for metric, numerator, denominator, measured in [
        (
            'plan_attainment_mix', 'case when completed_units < planned_units then completed_units else planned_units end',
            'planned_units', 'attainment',
        ),
        ('plan_attainment_volume', 'completed_units', 'planned_units', 'attainment'),
        ('yield', 'completed_units', 'completed_units + scrapped_units', 'production'),
    ] %}
    select
        '{{ metric }}' as metric,
        'base units' as unit,
        period_start_date,
        item_id,
        site_id,
        {{ no_id }} as channel_id,
        {{ no_id }} as supplier_id,
        {{ no_id }} as resource_id,
        {{ numerator }} as numerator,
        {{ denominator }} as denominator
    from {{ measured }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

resource_performance as (

    select
        'utilisation' as metric,
        'hours' as unit,
        resource_hours.period_start_date,
        {{ no_id }} as item_id,
        resources.site_id,
        {{ no_id }} as channel_id,
        {{ no_id }} as supplier_id,
        resource_hours.resource_id,
        resource_hours.used_hours as numerator,
        resource_hours.available_hours as denominator
    from resource_hours
    left join resources on resource_hours.resource_id = resources.resource_id

    union all

    select
        'effective_utilisation' as metric,
        'hours' as unit,
        period_start_date,
        {{ no_id }} as item_id,
        site_id,
        {{ no_id }} as channel_id,
        {{ no_id }} as supplier_id,
        resource_id,
        good_hours as numerator,
        available_hours as denominator
    from hours_split

),

{% set measures = [
    'customer_service', 'supplier_service', 'lead_time_errors', 'purchase_adherence', 'production_performance', 'resource_performance',
] -%}
detail as (
    {% for measure in measures %}
    select
        metric,
        unit,
        period_start_date,
        item_id,
        site_id,
        channel_id,
        supplier_id,
        resource_id,
        cast(numerator as decimal(18, 6)) as numerator,
        cast(denominator as decimal(18, 6)) as denominator
    from {{ measure }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

in_review as (

    select
        cycle.cycle_id,
        detail.metric,
        detail.unit,
        detail.period_start_date,
        items.category_id,
        items.family_id,
        items.item_id,
        detail.site_id,
        detail.channel_id,
        detail.supplier_id,
        detail.resource_id,
        detail.numerator,
        detail.denominator
    from detail
    cross join cycle
    left join items on detail.item_id = items.item_id
    where
        detail.period_start_date < cycle.cycle_start_date
        and detail.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}

),

by_level as (
    {{ sum_by_level('in_review', levels, ['cycle_id', 'metric', 'unit', 'period_start_date'], ['numerator', 'denominator']) }}
),

supply_performance as (

    select
        cycle_id,
        metric,
        level,
        level_id,
        period_start_date,
        unit,
        numerator,
        denominator,
        {{ ratio('numerator', 'denominator') }} as value_ratio
    from by_level

)

{{ select_contract('supply_performance') }}
