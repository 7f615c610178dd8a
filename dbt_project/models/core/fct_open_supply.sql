with cycle as (
    select * from {{ ref('dim_cycle') }}
),

sources as (
    select * from {{ ref('fct_sources') }}
),

production_orders as (
    select * from {{ ref('production_orders') }}
),

purchase_order_lines as (
    select * from {{ ref('purchase_order_lines') }}
),

transfer_orders as (
    select * from {{ ref('transfer_orders') }}
),

-- What is still to come of an order, as started units; the routing's yield is taken off below.
production as (
    select
        production_order_id as supply_id,
        'production' as supply_type,
        {{ make_source_id('item_id', 'site_id') }} as source_id,
        item_id,
        site_id,
        due_date,
        ordered_units - completed_units - scrapped_units as remaining_units
    from production_orders
    where order_status = 'open'
),

purchases as (
    select
        purchase_order_id || '/' || line_id as supply_id,
        'purchase' as supply_type,
        {{ buy_source_id('item_id', 'site_id', 'supplier_id') }} as source_id,
        item_id,
        site_id,
        due_date,
        ordered_units - received_units as remaining_units
    from purchase_order_lines
    where not is_closed
),

-- Goods on the road when the cycle starts: they have left one stock and not reached the other.
transfers as (
    select
        transfer_orders.transfer_order_id as supply_id,
        'transfer' as supply_type,
        {{ move_source_id('transfer_orders.item_id', 'transfer_orders.to_site_id', 'transfer_orders.from_site_id') }} as source_id,
        transfer_orders.item_id,
        transfer_orders.to_site_id as site_id,
        transfer_orders.due_date,
        transfer_orders.shipped_units as remaining_units
    from transfer_orders
    inner join cycle on transfer_orders.shipped_date < cycle.cycle_start_date
    where transfer_orders.received_date is null or transfer_orders.received_date >= cycle.cycle_start_date
),

orders as (
    select supply_id, supply_type, source_id, item_id, site_id, due_date, remaining_units from production
    union all
    select supply_id, supply_type, source_id, item_id, site_id, due_date, remaining_units from purchases
    union all
    select supply_id, supply_type, source_id, item_id, site_id, due_date, remaining_units from transfers
),

expected as (
    select
        orders.supply_id,
        orders.supply_type,
        sources.source_id,
        orders.item_id,
        orders.site_id,
        orders.due_date,
        case
            when orders.due_date < cycle.cycle_start_date then cycle.cycle_start_date
            else {{ month_of('orders.due_date') }}
        end as expected_period_start_date,
        {{ product('orders.remaining_units', 'coalesce(sources.yield_ratio, 1)', 'decimal(18,3)') }} as open_units,
        orders.due_date < cycle.cycle_start_date as is_overdue,
        case
            when orders.due_date < cycle.cycle_start_date then {{ dbt.datediff('orders.due_date', 'cycle.cycle_start_date', 'day') }}
            else 0
        end as overdue_days
    from orders
    cross join cycle
    left join sources on orders.source_id = sources.source_id
    where orders.remaining_units > 0
),

open_supply as (
    select
        supply_id,
        supply_type,
        source_id,
        item_id,
        site_id,
        due_date,
        expected_period_start_date,
        open_units,
        is_overdue,
        overdue_days,
        overdue_days > {{ stale_order_days() }} as is_stale
    from expected
)

{{ select_contract('open_supply') }}
