-- What measures are made of: each closed month's facts at each scope that somebody asks for, as numerator and denominator.
{% set levels = {'company': "'all'", 'category': 'category_id', 'family': 'family_id', 'item': 'item_id', 'site': 'site_id', 'channel': 'channel_id'} %}
with

cycle as (select * from {{ ref('dim_cycle') }}),

requests as (select * from {{ ref('measure_requests') }}),

items as (select * from {{ ref('dim_items') }}),

periods as (

    select dim_periods.period_start_date
    from {{ ref('dim_periods') }} as dim_periods
    cross join cycle
    where dim_periods.period_start_date < cycle.cycle_start_date

),

history as (

    select
        history.period_start_date,
        history.item_id,
        history.site_id,
        history.channel_id,
        items.category_id,
        items.family_id,
        history.ordered_units as units,
        history.revenue,
        history.order_lines
    from {{ ref('fct_demand_history') }} as history
    inner join items on history.item_id = items.item_id

),

demand_by_scope as (
    {{ sum_by_level('history', levels, ['period_start_date'], ['units', 'revenue', 'order_lines']) }}
),

scopes as (

    select distinct
        scope,
        scope_id
    from requests

),

company as (

    select
        period_start_date,
        units
    from demand_by_scope
    where level = 'company'

),

-- A month without an order is a month with 0, not a month that is left out.
demand as (

    select
        scopes.scope,
        scopes.scope_id,
        periods.period_start_date,
        coalesce(demand_by_scope.units, 0) as units,
        coalesce(demand_by_scope.revenue, 0) as revenue,
        coalesce(demand_by_scope.order_lines, 0) as order_lines,
        coalesce(year_before.units, 0) as units_year_before,
        coalesce(year_before.revenue, 0) as revenue_year_before,
        coalesce(company.units, 0) as company_units
    from scopes
    cross join periods
    left join demand_by_scope
        on
            scopes.scope = demand_by_scope.level
            and scopes.scope_id = demand_by_scope.level_id
            and periods.period_start_date = demand_by_scope.period_start_date
    left join demand_by_scope as year_before
        on
            scopes.scope = year_before.level
            and scopes.scope_id = year_before.level_id
            and periods.period_start_date = {{ months_after('year_before.period_start_date', 12) }}
    left join company on periods.period_start_date = company.period_start_date
    where scopes.scope in ('{{ levels.keys() | join("', '") }}')

),

errors as (

    select
        period_start_date,
        item_id,
        site_id,
        channel_id,
        category_id,
        family_id,
        actual_units,
        error_units,
        absolute_error_units
    from {{ ref('fct_forecast_accuracy') }}
    where lag_months = 1

),

errors_by_scope as (
    {{ sum_by_level('errors', levels, ['period_start_date'], ['actual_units', 'error_units', 'absolute_error_units']) }}
),

accuracy as (

    select
        errors_by_scope.*,
        level as scope,
        level_id as scope_id
    from errors_by_scope

),

-- Lines due in a month by the day the customer asked for, as in fct_supply_performance.
lines_due as (

    select
        {{ month_of('order_lines.requested_date') }} as period_start_date,
        order_lines.item_id,
        order_lines.site_id,
        order_lines.channel_id,
        items.category_id,
        items.family_id,
        case when order_lines.shipped_by_requested_units >= order_lines.ordered_units then 1 else 0 end as lines_in_full,
        1 as lines
    from {{ ref('fct_order_lines') }} as order_lines
    inner join items on order_lines.item_id = items.item_id
    cross join cycle
    where
        order_lines.order_type = 'order'
        and not order_lines.is_cancelled
        and order_lines.requested_date < cycle.cycle_start_date

),

lines_by_scope as (
    {{ sum_by_level('lines_due', levels, ['period_start_date'], ['lines_in_full', 'lines']) }}
),

service as (

    select
        lines_by_scope.*,
        level as scope,
        level_id as scope_id
    from lines_by_scope

),

received as (

    select
        {{ month_of('receipts.received_date') }} as period_start_date,
        receipts.item_id,
        receipts.site_id,
        receipts.supplier_id,
        items.category_id,
        items.family_id,
        receipts.lead_time_days,
        1 as receipts
    from {{ ref('fct_receipts') }} as receipts
    inner join items on receipts.item_id = items.item_id

),

receipts_by_scope as (
    {{ sum_by_level('received',
        {'company': "'all'", 'category': 'category_id', 'family': 'family_id', 'item': 'item_id', 'site': 'site_id', 'supplier': 'supplier_id'},
        ['period_start_date'], ['lead_time_days', 'receipts']) }}
),

receipts as (

    select
        receipts_by_scope.*,
        level as scope,
        level_id as scope_id
    from receipts_by_scope

),

rates as (

    select
        'site' as scope,
        sites.site_id as scope_id,
        {{ month_of('rates.rate_date') }} as period_start_date,
        sum(rates.rate) as rate,
        count(*) as days
    from {{ ref('sites') }} as sites
    inner join {{ ref('companies') }} as companies on sites.company_id = companies.company_id
    inner join {{ ref('fct_fx_rates') }} as rates on companies.currency_code = rates.currency_code
    group by sites.site_id, {{ month_of('rates.rate_date') }}

),

indices as (

    select
        'index' as scope,
        index_id as scope_id,
        period_start_date,
        index_value
    from {{ source('planner', 'market_indices') }}

),

facts as (
    {% for measure in measure_register() %}
    select
        '{{ measure.metric }}' as metric,
        scope,
        scope_id,
        period_start_date,
        cast({{ measure.numerator }} as decimal(28, 6)) as numerator,
        cast({{ measure.denominator }} as decimal(28, 6)) as denominator,
        '{{ measure.unit }}' as unit
    from {{ measure.facts }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from facts
