{#- Every line or unit that is missing has exactly one cause, the first that holds in the order written here, so that the causes of a
    month are its gap exactly. A new cause is a `when` above the last one and its evidence. -#}
{%- set evidence = {
    'never_shipped': 'nothing of the line was shipped',
    'promised_late': 'the day confirmed lies after the day asked for',
    'out_of_stock': 'the item was out of stock at the site in the month',
    'shipped_short': 'a part was shipped in time',
    'shipped_late': 'stock was there and the line left after its day',
    'not_received': 'overdue and nothing received',
    'rejected': 'received goods were rejected',
    'received_late': 'received after the day promised',
    'received_short': 'received in time, less than ordered',
    'scrapped': 'scrap of the item in the month',
    'still_in_work': 'production orders of the item were open at the close of the month',
    'resource_full': 'hours of a resource of the item were used up in the month',
    'component_missing': 'a component stood at nothing at the end of the month or of the month before',
    'unexplained': 'the data say nothing',
} -%}
with

cycle as (select * from {{ ref('dim_cycle') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

demand_history as (select * from {{ ref('fct_demand_history') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

open_supply as (select * from {{ ref('fct_open_supply') }}),

sources as (select * from {{ ref('fct_sources') }}),

source_inputs as (select * from {{ ref('fct_source_inputs') }}),

source_loads as (select * from {{ ref('fct_source_loads') }}),

production as (select * from {{ ref('fct_production_history') }}),

resource_hours as (select * from {{ ref('fct_resource_history') }}),

inventory as (select * from {{ ref('fct_inventory_history') }}),

published_plans as (select * from {{ source('published', 'fct_production_plan') }}),

empty_shelves as (

    select
        item_id,
        site_id,
        period_start_date,
        max(stock_out_days) as stock_out_days
    from demand_history
    group by item_id, site_id, period_start_date

),

customer_lines as (

    select
        {{ month_of('order_lines.requested_date') }} as period_start_date,
        order_lines.site_id,
        order_lines.channel_id,
        order_lines.ordered_units,
        order_lines.shipped_units,
        order_lines.shipped_by_requested_units,
        order_lines.confirmed_date > order_lines.requested_date as is_promised_late,
        coalesce(empty_shelves.stock_out_days, 0) as stock_out_days
    from order_lines
    left join empty_shelves
        on
            order_lines.item_id = empty_shelves.item_id
            and order_lines.site_id = empty_shelves.site_id
            and {{ month_of('order_lines.requested_date') }} = empty_shelves.period_start_date
    where order_lines.order_type = 'order' and not order_lines.is_cancelled

),

customer_causes as (

    select
        'customer_otif' as metric,
        'order lines' as unit,
        period_start_date,
        site_id,
        channel_id as object_id,
        case
            when shipped_by_requested_units >= ordered_units then 'served'
            when stock_out_days > 0 then 'out_of_stock'
            when shipped_units <= 0 then 'never_shipped'
            when is_promised_late then 'promised_late'
            when shipped_by_requested_units > 0 then 'shipped_short'
            else 'shipped_late'
        end as cause,
        cast(case when shipped_by_requested_units >= ordered_units then 0 else 1 end as decimal(18, 3)) as gap_quantity,
        cast(1 as decimal(18, 3)) as due_quantity
    from customer_lines

),

supplier_lines as (

    select
        purchase_order_id || '/' || line_id as supply_id,
        site_id,
        supplier_id,
        due_date,
        max(ordered_units) as ordered_units,
        sum(received_units) as received_units,
        sum(rejected_units) as rejected_units,
        sum(case when is_on_time then received_units else 0 end) as on_time_units,
        max(case when is_on_time and is_in_full then 1 else 0 end) as served
    from receipts
    group by purchase_order_id, line_id, site_id, supplier_id, due_date

),

supplier_causes as (

    select
        'supplier_otif' as metric,
        'order lines' as unit,
        {{ month_of('due_date') }} as period_start_date,
        site_id,
        supplier_id as object_id,
        case
            when served = 1 then 'served'
            when on_time_units >= ordered_units and rejected_units > 0 then 'rejected'
            when received_units >= ordered_units then 'received_late'
            when on_time_units > 0 then 'received_short'
            else 'received_late'
        end as cause,
        cast(1 - served as decimal(18, 3)) as gap_quantity,
        cast(1 as decimal(18, 3)) as due_quantity
    from supplier_lines

    union all

    select
        'supplier_otif' as metric,
        'order lines' as unit,
        {{ month_of('open_supply.due_date') }} as period_start_date,
        open_supply.site_id,
        coalesce(sources.supplier_id, 'none') as object_id,
        'not_received' as cause,
        cast(1 as decimal(18, 3)) as gap_quantity,
        cast(1 as decimal(18, 3)) as due_quantity
    from open_supply
    left join sources on open_supply.source_id = sources.source_id
    left join supplier_lines on open_supply.supply_id = supplier_lines.supply_id
    where
        open_supply.supply_type = 'purchase'
        and open_supply.is_overdue
        and supplier_lines.supply_id is null

),

planned as (
    {{ planned_production_of_closed_months() }}
),

full_resources as (

    select
        sources.item_id,
        sources.site_id,
        resource_hours.period_start_date,
        min(resource_hours.resource_id) as resource_id
    from resource_hours
    inner join source_loads on resource_hours.resource_id = source_loads.resource_id
    inner join sources on source_loads.source_id = sources.source_id
    where resource_hours.used_hours >= {{ full_resource_ratio() }} * resource_hours.available_hours
    group by sources.item_id, sources.site_id, resource_hours.period_start_date

),

empty_components as (

    select
        sources.item_id,
        sources.site_id,
        inventory.period_start_date,
        count(*) as components
    from inventory
    inner join source_inputs
        on
            inventory.item_id = source_inputs.item_id
            and inventory.site_id = source_inputs.site_id
    inner join sources
        on
            source_inputs.source_id = sources.source_id
            and sources.source_type = 'make'
    where inventory.usable_units <= 0
    group by sources.item_id, sources.site_id, inventory.period_start_date

),

-- What is open at the close is known of the last closed month alone.
in_work as (

    select
        open_supply.item_id,
        open_supply.site_id,
        {{ last_closed_month() }} as period_start_date,
        sum(open_supply.open_units) as open_units
    from open_supply
    cross join cycle
    where open_supply.supply_type = 'production'
    group by open_supply.item_id, open_supply.site_id, {{ last_closed_month() }}

),

missing_production as (

    select
        planned.item_id,
        planned.site_id,
        planned.period_start_date,
        planned.planned_units,
        greatest(planned.planned_units - coalesce(production.completed_units, 0), 0) as missing_units,
        least(
            coalesce(production.scrapped_units, 0),
            greatest(planned.planned_units - coalesce(production.completed_units, 0), 0)
        ) as scrapped_units,
        coalesce(in_work.open_units, 0) as open_units,
        full_resources.resource_id,
        coalesce(empty_components.components, 0) as empty_components
    from planned
    left join production
        on
            planned.item_id = production.item_id
            and planned.site_id = production.site_id
            and planned.period_start_date = production.period_start_date
    left join in_work
        on
            planned.item_id = in_work.item_id
            and planned.site_id = in_work.site_id
            and planned.period_start_date = in_work.period_start_date
    left join full_resources
        on
            planned.item_id = full_resources.item_id
            and planned.site_id = full_resources.site_id
            and planned.period_start_date = full_resources.period_start_date
    left join empty_components
        on
            planned.item_id = empty_components.item_id
            and planned.site_id = empty_components.site_id
            and planned.period_start_date = empty_components.period_start_date

),

-- What was scrapped is told off first, then what was still in work; the rest of an item's gap has one cause.
told_off as (

    select
        missing_production.*,
        least(missing_units - scrapped_units, open_units) as in_work_units
    from missing_production

),

production_causes as (

    select
        'plan_attainment_mix' as metric,
        'base units' as unit,
        period_start_date,
        site_id,
        'none' as object_id,
        'scrapped' as cause,
        cast(scrapped_units as decimal(18, 3)) as gap_quantity,
        cast(planned_units as decimal(18, 3)) as due_quantity
    from told_off

    union all

    select
        'plan_attainment_mix' as metric,
        'base units' as unit,
        period_start_date,
        site_id,
        'none' as object_id,
        'still_in_work' as cause,
        cast(in_work_units as decimal(18, 3)) as gap_quantity,
        cast(0 as decimal(18, 3)) as due_quantity
    from told_off

    union all

    select
        'plan_attainment_mix' as metric,
        'base units' as unit,
        period_start_date,
        site_id,
        case when empty_components = 0 and resource_id is not null then resource_id else 'none' end as object_id,
        case
            when empty_components > 0 then 'component_missing'
            when resource_id is not null then 'resource_full'
            else 'unexplained'
        end as cause,
        cast(missing_units - scrapped_units - in_work_units as decimal(18, 3)) as gap_quantity,
        cast(0 as decimal(18, 3)) as due_quantity
    from told_off

),

detail as (

    select * from customer_causes
    union all
    select * from supplier_causes
    union all
    select * from production_causes

),

in_review as (

    select
        cycle.cycle_id,
        detail.metric,
        detail.unit,
        detail.period_start_date,
        detail.site_id,
        detail.object_id,
        detail.cause,
        detail.gap_quantity,
        detail.due_quantity
    from detail
    cross join cycle
    where
        detail.period_start_date < cycle.cycle_start_date
        and detail.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}

),

due as (

    select
        metric,
        period_start_date,
        site_id,
        sum(due_quantity) as due_quantity
    from in_review
    group by metric, period_start_date, site_id

),

by_cause as (

    select
        cycle_id,
        metric,
        unit,
        period_start_date,
        site_id,
        object_id,
        cause,
        sum(gap_quantity) as gap_quantity
    from in_review
    where cause <> 'served'
    group by cycle_id, metric, unit, period_start_date, site_id, object_id, cause

),

supply_deviation_causes as (

    select
        by_cause.cycle_id,
        by_cause.metric,
        by_cause.period_start_date,
        by_cause.site_id,
        by_cause.cause,
        by_cause.object_id,
        by_cause.unit,
        by_cause.gap_quantity,
        due.due_quantity,
        {{ ratio('by_cause.gap_quantity', 'due.due_quantity') }} as gap_ratio,
        case by_cause.cause
            {% for cause, words in evidence.items() -%}
            when '{{ cause }}' then '{{ words }}'
            {% endfor -%}
        end as evidence
    from by_cause
    inner join due
        on
            by_cause.metric = due.metric
            and by_cause.period_start_date = due.period_start_date
            and by_cause.site_id = due.site_id
    where by_cause.gap_quantity > 0

)

{{ select_contract('supply_deviation_causes') }}
