with

cycle as (select * from {{ ref('dim_cycle') }}),

inventory_snapshots as (select * from {{ ref('inventory_snapshots') }}),

inventory_movements as (select * from {{ ref('inventory_movements') }}),

delivered as (select count(*) as movements from inventory_movements),

site_dates as (

    select distinct
        inventory_snapshots.site_id,
        inventory_snapshots.snapshot_date
    from inventory_snapshots
    cross join delivered
    where delivered.movements > 0 and inventory_snapshots.is_dated

),

closes as (

    select
        site_id,
        snapshot_date,
        lag(snapshot_date) over (partition by site_id order by snapshot_date) as opening_date
    from site_dates

),

reviewed as (

    select
        closes.site_id,
        closes.snapshot_date,
        closes.opening_date
    from closes
    inner join cycle
        on closes.snapshot_date < cycle.cycle_start_date
        and closes.snapshot_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}
    where closes.opening_date is not null

),

stock as (

    select
        item_id,
        site_id,
        snapshot_date,
        sum(on_hand_units) as on_hand_units
    from inventory_snapshots
    group by item_id, site_id, snapshot_date

),

parts as (

    select reviewed.site_id, reviewed.snapshot_date, stock.item_id, stock.on_hand_units as expected_units, 0 as closing_units
    from reviewed
    inner join stock on reviewed.site_id = stock.site_id and reviewed.opening_date = stock.snapshot_date

    union all

    select reviewed.site_id, reviewed.snapshot_date, inventory_movements.item_id, inventory_movements.moved_units as expected_units, 0 as closing_units
    from reviewed
    inner join inventory_movements
        on reviewed.site_id = inventory_movements.site_id
        and inventory_movements.posted_date > reviewed.opening_date
        and inventory_movements.posted_date <= reviewed.snapshot_date

    union all

    select reviewed.site_id, reviewed.snapshot_date, stock.item_id, 0 as expected_units, stock.on_hand_units as closing_units
    from reviewed
    inner join stock on reviewed.site_id = stock.site_id and reviewed.snapshot_date = stock.snapshot_date

),

rolled as (

    select
        site_id,
        snapshot_date,
        item_id,
        sum(expected_units) as expected_units,
        sum(closing_units) as closing_units
    from parts
    group by site_id, snapshot_date, item_id

)

select
    site_id as object_id,
    {{ month_of('snapshot_date') }} as period_start_date,
    sum(expected_units) as left_value,
    sum(closing_units) as right_value,
    sum(abs(expected_units - closing_units)) as difference,
    count(*) as checked_count,
    sum(case when expected_units <> closing_units then 1 else 0 end) as differing_count,
    cast(null as {{ dbt.type_string() }}) as currency_code
from rolled
group by site_id, {{ month_of('snapshot_date') }}
