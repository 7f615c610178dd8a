with

cycle as (select * from {{ ref('dim_cycle') }}),

stock as (select * from {{ ref('latest_stock') }}),

by_site as (

    select
        stock.site_id,
        stock.snapshot_date,
        max(case when stock.is_dated then 1 else 0 end) as is_dated,
        sum(stock.on_hand_units) as units,
        sum(stock.value) as value,
        min({{ dbt.datediff('stock.snapshot_date', 'cycle.cycle_start_date', 'day') }}) as days_before
    from stock
    cross join cycle
    group by stock.site_id, stock.snapshot_date

),

found as (

    select
        site_id as object_id,
        cast(null as varchar) as item_id,
        units as quantity,
        value,
        case
            when is_dated = 0 then 'the system does not say when it was counted'
            else 'counted on ' || cast(snapshot_date as varchar) || ', ' || {{ count_words('days_before', 'days') }} || ' before the cycle'
        end as evidence
    from by_site
    where is_dated = 0 or days_before > 4

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
