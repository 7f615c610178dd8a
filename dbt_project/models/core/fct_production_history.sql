with cycle as (
    select * from {{ ref('dim_cycle') }}
),

production_orders as (
    select * from {{ ref('production_orders') }}
),

monthly as (
    select
        production_orders.item_id,
        production_orders.site_id,
        {{ month_of('production_orders.completed_date') }} as period_start_date,
        sum(production_orders.completed_units) as completed_units,
        sum(production_orders.scrapped_units) as scrapped_units
    from production_orders
    inner join cycle on production_orders.completed_date < cycle.cycle_start_date
    where production_orders.order_status <> 'cancelled'
    group by production_orders.item_id, production_orders.site_id, {{ month_of('production_orders.completed_date') }}
)

{{ select_contract('monthly') }}
