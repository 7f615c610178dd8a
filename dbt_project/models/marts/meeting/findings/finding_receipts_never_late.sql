with

cycle as (select * from {{ ref('dim_cycle') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

recent as (

    select
        receipts.site_id,
        count(*) as receipts,
        sum(case when receipts.received_date <> receipts.due_date then 1 else 0 end) as on_another_day
    from receipts
    inner join cycle
        on receipts.received_date >= {{ a_year_before('cycle') }}
        and receipts.received_date < cycle.cycle_start_date
    group by receipts.site_id

),

found as (

    select
        site_id as object_id,
        cast(null as varchar) as item_id,
        receipts as quantity,
        cast(null as decimal(18, 4)) as value,
        'all ' || {{ count_words('receipts', 'receipts') }} || ' of 12 months stand on the very day they were due' as evidence
    from recent
    where receipts >= 100 and on_another_day = 0

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
