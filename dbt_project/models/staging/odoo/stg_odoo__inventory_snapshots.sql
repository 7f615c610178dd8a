{{ config(materialized='table') }}

-- Odoo keeps the stock of now. The stock of a month's end is the stock of now less what has moved since; so the close is
-- that of the last day of the month whenever the extract is taken.
with quants as (
    select * from {{ source('odoo', 'stock_quant') }}
),

moves as (
    select * from {{ ref('base_odoo__moves') }}
    where state = 'done'
),

locations as (
    select * from {{ ref('base_odoo__locations') }}
),

items as (
    select product_id, item_id, source_file_sha256, source_row_number from {{ ref('base_odoo__items') }}
    where not is_service
),

cycle as (
    select cycle_start_date from {{ ref('dim_cycle') }}
),

held as (
    select
        items.item_id,
        locations.stock_site_id as site_id,
        case when quants.owner_id is not null then 'consignment' else locations.stock_status end as stock_status,
        sum(quants.quantity) as units
    from quants
    inner join items on quants.product_id = items.product_id
    inner join locations on quants.location_id = locations.location_id
    where locations.stock_site_id is not null
    group by 1, 2, 3
),

-- Internal to internal within one status of a site is no movement of it.
flows as (
    select item_id, to_site_id as site_id, to_status as stock_status, {{ month_of('moved_date') }} as month_date, moved_units as units
    from moves
    where to_site_id is not null

    union all

    select item_id, from_site_id as site_id, from_status as stock_status, {{ month_of('moved_date') }} as month_date, -moved_units as units
    from moves
    where from_site_id is not null
),

monthly as (
    select
        item_id,
        site_id,
        stock_status,
        month_date,
        sum(units) as units
    from flows
    group by item_id, site_id, stock_status, month_date
),

keys as (
    select item_id, site_id, stock_status from held
    union
    select item_id, site_id, stock_status from monthly
),

spans as (
    select
        keys.item_id,
        keys.site_id,
        keys.stock_status,
        coalesce(min(monthly.month_date), cast({{ dbt.dateadd('month', -1, 'min(cycle.cycle_start_date)') }} as date)) as first_month_date
    from keys
    cross join cycle
    left join monthly
        on keys.item_id = monthly.item_id
        and keys.site_id = monthly.site_id
        and keys.stock_status = monthly.stock_status
    group by keys.item_id, keys.site_id, keys.stock_status
),

months as (
    select cast({{ dbt.dateadd('month', '-cast(numbers.generated_number as integer)', 'cycle.cycle_start_date') }} as date) as month_date
    from ({{ dbt.generate_series(120) }}) as numbers
    cross join cycle
),

closed as (
    select
        spans.item_id,
        spans.site_id,
        spans.stock_status,
        months.month_date
    from spans
    inner join months on spans.first_month_date <= months.month_date
),

moved_since as (
    select
        closed.item_id,
        closed.site_id,
        closed.stock_status,
        closed.month_date,
        coalesce(sum(monthly.units), 0) as units
    from closed
    left join monthly
        on closed.item_id = monthly.item_id
        and closed.site_id = monthly.site_id
        and closed.stock_status = monthly.stock_status
        and closed.month_date < monthly.month_date
    group by closed.item_id, closed.site_id, closed.stock_status, closed.month_date
),

stock as (
    select
        moved_since.item_id,
        moved_since.site_id,
        moved_since.stock_status,
        cast({{ dbt.last_day('moved_since.month_date', 'month') }} as date) as snapshot_date,
        coalesce(held.units, 0) - moved_since.units as units
    from moved_since
    left join held
        on moved_since.item_id = held.item_id
        and moved_since.site_id = held.site_id
        and moved_since.stock_status = held.stock_status
)

select
    stock.snapshot_date,
    stock.item_id,
    stock.site_id,
    stock.stock_status,
    cast(stock.units as decimal(18, 3)) as on_hand_units,
    true as is_dated,
    items.source_file_sha256,
    items.source_row_number
from stock
inner join items on stock.item_id = items.item_id
-- An empty shelf is stock of 0; an empty quality or consignment area is nothing.
where stock.units <> 0 or stock.stock_status = 'unrestricted'
