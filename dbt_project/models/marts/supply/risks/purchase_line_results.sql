-- Order lines of purchases that were due in the closed months: whether they came in time and in full, and how much supply a
-- failed line cost: the months it was late, or the share of a month's that never came.
with

cycle as (select * from {{ ref('dim_cycle') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

open_supply as (select * from {{ ref('fct_open_supply') }}),

sources as (select * from {{ ref('fct_sources') }}),

-- A line may come in parts: it is served by the part that completes it.
received as (

    select
        purchase_order_id || '/' || line_id as supply_id,
        supplier_id,
        item_id,
        site_id,
        due_date,
        max(case when is_on_time and is_in_full then 1 else 0 end) as is_served,
        max({{ dbt.datediff('due_date', 'received_date', 'day') }}) as late_days,
        {{ ratio('max(ordered_units) - sum(received_units - rejected_units)', 'max(ordered_units)') }} as missing_ratio
    from receipts
    group by purchase_order_id, line_id, supplier_id, item_id, site_id, due_date

),

lines as (

    select
        supplier_id,
        item_id,
        site_id,
        due_date,
        is_served,
        late_days,
        missing_ratio
    from received

    union all

    select
        sources.supplier_id,
        open_supply.item_id,
        open_supply.site_id,
        open_supply.due_date,
        0 as is_served,
        open_supply.overdue_days as late_days,
        cast(0 as decimal(18, 6)) as missing_ratio
    from open_supply
    inner join sources on open_supply.source_id = sources.source_id
    left join received on open_supply.supply_id = received.supply_id
    where
        open_supply.supply_type = 'purchase'
        and open_supply.is_overdue
        and received.supply_id is null

)

select
    lines.supplier_id,
    lines.item_id,
    lines.site_id,
    {{ month_of('lines.due_date') }} as period_start_date,
    lines.is_served,
    case
        when lines.is_served = 1 then 0
        else greatest({{ ratio('coalesce(lines.late_days, 0)', days_per_month()) }}, coalesce(lines.missing_ratio, 0), 0)
    end as lost_months
from lines
cross join cycle
where
    lines.due_date < cycle.cycle_start_date
    and lines.due_date >= {{ months_after('cycle.cycle_start_date', '-' ~ risk_months()) }}
