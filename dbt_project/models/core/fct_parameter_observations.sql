{#- What documents say of each configured parameter, one row a document: a value is numerator / denominator. Those of the months in
    review count, and of what had fewer of them than a verdict should rest on the latest ones, however old. What is estimated from them is planning's (planning/supply/parameters). -#}
with

cycle as (select * from {{ ref('dim_cycle') }}),

parameters as (select * from {{ ref('fct_configured_parameters') }}),

purchase_order_lines as (select * from {{ ref('purchase_order_lines') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

production_orders as (select * from {{ ref('production_orders') }}),

transfer_orders as (select * from {{ ref('transfer_orders') }}),

lanes as (select * from {{ ref('lanes') }}),

routing_operations as (select * from {{ ref('routing_operations') }}),

confirmations as (select * from {{ ref('operation_confirmations') }}),

component_use as (select * from {{ ref('fct_component_use') }}),

since as (

    select
        cycle_start_date,
        {{ months_after('cycle_start_date', '-' ~ parameter_review_months()) }} as first_date
    from cycle

),

-- A line that comes in parts takes the mean of their days, by units.
bought as (

    select
        {{ buy_source_id('receipts.item_id', 'receipts.site_id', 'receipts.supplier_id') }} as object_id,
        receipts.purchase_order_id || '/' || receipts.line_id as observation_id,
        receipts.ordered_date as start_date,
        {{ ratio('sum(receipts.lead_time_days * receipts.received_units)', 'sum(receipts.received_units)') }} as days
    from receipts
    group by receipts.item_id, receipts.site_id, receipts.supplier_id, receipts.purchase_order_id, receipts.line_id, receipts.ordered_date

),

completed as (

    select
        production_orders.*,
        {{ make_source_id('production_orders.item_id', 'production_orders.site_id') }} as object_id
    from production_orders
    cross join since
    where
        production_orders.order_status <> 'cancelled'
        and production_orders.completed_date < since.cycle_start_date

),

-- Where several lanes join two sites, no transfer says which one it took.
single_lanes as (

    select
        from_site_id,
        to_site_id,
        min(lane_id) as lane_id
    from lanes
    group by from_site_id, to_site_id
    having count(*) = 1

),

passages as (

    select
        object_id,
        observation_id,
        start_date,
        days
    from bought
    where days is not null

    union all

    select
        object_id,
        production_order_id as observation_id,
        start_date,
        cast({{ dbt.datediff('start_date', 'completed_date', 'day') }} as decimal(18, 6)) as days
    from completed
    where start_date is not null

    union all

    select
        single_lanes.lane_id as object_id,
        transfer_orders.transfer_order_id as observation_id,
        transfer_orders.shipped_date as start_date,
        cast({{ dbt.datediff('transfer_orders.shipped_date', 'transfer_orders.received_date', 'day') }} as decimal(18, 6)) as days
    from transfer_orders
    inner join single_lanes
        on
            transfer_orders.from_site_id = single_lanes.from_site_id
            and transfer_orders.to_site_id = single_lanes.to_site_id
    where transfer_orders.received_date is not null

),

lead_times as (

    select
        'lead_time_days' as parameter_id,
        passages.object_id,
        passages.observation_id,
        passages.start_date as observed_date,
        passages.days as numerator,
        1 as denominator
    from passages

),

ordered as (

    select
        {{ buy_source_id('item_id', 'site_id', 'supplier_id') }} as object_id,
        purchase_order_id || '/' || line_id as observation_id,
        ordered_date as observed_date,
        ordered_units
    from purchase_order_lines

    union all

    select
        {{ make_source_id('item_id', 'site_id') }} as object_id,
        production_order_id as observation_id,
        coalesce(start_date, due_date) as observed_date,
        ordered_units
    from production_orders
    where order_status <> 'cancelled'

),

quantities as (
    {% for parameter_id in ['minimum_order_units', 'lot_minimum_units', 'lot_multiple_units'] %}
    select
        '{{ parameter_id }}' as parameter_id,
        ordered.object_id,
        ordered.observation_id,
        ordered.observed_date,
        ordered.ordered_units as numerator,
        1 as denominator
    from ordered
    cross join since
    where
        ordered.ordered_units > 0
        and ordered.observed_date < since.cycle_start_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

yields as (

    select
        'yield_ratio' as parameter_id,
        object_id,
        production_order_id as observation_id,
        completed_date as observed_date,
        completed_units as numerator,
        completed_units + scrapped_units as denominator
    from completed
    where completed_units + scrapped_units > 0

),

default_operations as (
    {{ default_operations() }}
),

-- Operation numbers are text: 20 comes before 100.
operations as (

    select
        item_id,
        site_id,
        operation_number,
        {{ operation_id('item_id', 'site_id', 'operation_number') }} as object_id,
        coalesce(setup_hours_per_lot, 0) as setup_hours,
        exp(sum(ln(cast(yield_ratio as double precision))) over (
            partition by item_id, site_id
            order by length(operation_number), operation_number
            rows between unbounded preceding and current row
        )) as yield_so_far,
        row_number() over (
            partition by item_id, site_id
            order by length(operation_number) desc, operation_number desc
        ) as number_from_last
    from default_operations

),

confirmed as (

    select
        completed.production_order_id,
        operations.object_id,
        sum(confirmations.confirmed_hours) as confirmed_hours
    from completed
    inner join confirmations on completed.production_order_id = confirmations.production_order_id
    inner join operations
        on
            completed.item_id = operations.item_id
            and completed.site_id = operations.site_id
            and {{ is_confirmation_of('confirmations.operation_number', 'operations.operation_number') }}
    group by completed.production_order_id, operations.object_id

),

-- Run hours are per unit that leaves the operation: good ones after the last, before it what the configured yields let pass.
run_hours as (

    select
        'run_hours_per_unit' as parameter_id,
        operations.object_id,
        completed.production_order_id as observation_id,
        completed.completed_date as observed_date,
        confirmed.confirmed_hours - operations.setup_hours as numerator,
        case
            when operations.number_from_last = 1 then cast(completed.completed_units as decimal(18, 6))
            else {{ rounded('cast(completed.completed_units + completed.scrapped_units as double precision) * operations.yield_so_far', 'decimal(18,6)') }}
        end as denominator
    from confirmed
    inner join completed on confirmed.production_order_id = completed.production_order_id
    inner join operations on confirmed.object_id = operations.object_id
    where completed.completed_units > 0

),

-- Days after the due date on which supply came; earlier is negative. A line that comes in parts is there with its last one.
lateness as (

    select
        'safety_time_days' as parameter_id,
        receipts.item_id || '@' || receipts.site_id as object_id,
        receipts.purchase_order_id || '/' || receipts.line_id as observation_id,
        max(receipts.received_date) as observed_date,
        {{ dbt.datediff('min(receipts.due_date)', 'max(receipts.received_date)', 'day') }} as numerator,
        1 as denominator
    from receipts
    cross join since
    where receipts.received_date < since.cycle_start_date
    group by receipts.item_id, receipts.site_id, receipts.purchase_order_id, receipts.line_id
    having min(receipts.due_date) is not null

    union all

    select
        'safety_time_days' as parameter_id,
        item_id || '@' || site_id as object_id,
        production_order_id as observation_id,
        completed_date as observed_date,
        {{ dbt.datediff('due_date', 'completed_date', 'day') }} as numerator,
        1 as denominator
    from completed
    where due_date is not null

),

-- Of the units taken from stock those that no bill calls for, by month: which order they went into is often not told.
component_scrap as (

    select
        'component_scrap_ratio' as parameter_id,
        item_id || '@' || site_id as object_id,
        cast(period_start_date as {{ dbt.type_string() }}) as observation_id,
        period_start_date as observed_date,
        consumed_units - rounded_up_units - required_units as numerator,
        consumed_units - rounded_up_units as denominator
    from component_use
    where consumed_units > rounded_up_units

),

{% set kinds = ['lead_times', 'quantities', 'yields', 'run_hours', 'lateness', 'component_scrap'] -%}
observed as (
    {% for kind in kinds %}
    select
        parameter_id,
        object_id,
        observation_id,
        observed_date,
        cast(numerator as decimal(18, 6)) as numerator,
        cast(denominator as decimal(18, 6)) as denominator
    from {{ kind }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

told as (

    select
        observed.*,
        row_number() over (
            partition by observed.parameter_id, observed.object_id
            order by observed.observed_date desc, observed.observation_id desc
        ) as number_from_last
    from observed
    inner join parameters
        on
            observed.parameter_id = parameters.parameter_id
            and observed.object_id = parameters.object_id

),

final as (

    select
        told.parameter_id,
        told.object_id,
        told.observation_id,
        told.observed_date,
        told.numerator,
        told.denominator
    from told
    cross join since
    where told.observed_date >= since.first_date or told.number_from_last <= {{ parameter_review_documents() }}

)

{{ select_contract('final') }}
