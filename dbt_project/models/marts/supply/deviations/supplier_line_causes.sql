-- Purchase order lines due by the day promised, overdue open ones among them.
with

receipts as (select * from {{ ref('fct_receipts') }}),

open_supply as (select * from {{ ref('fct_open_supply') }}),

sources as (select * from {{ ref('fct_sources') }}),

supplier_lines as (

    select
        purchase_order_id || '/' || line_id as supply_id,
        site_id,
        item_id,
        supplier_id,
        due_date,
        max(ordered_units) as ordered_units,
        sum(received_units) as received_units,
        sum(rejected_units) as rejected_units,
        sum(case when is_on_time then received_units else 0 end) as on_time_units,
        max(case when is_on_time and is_in_full then 1 else 0 end) as served
    from receipts
    group by purchase_order_id, line_id, site_id, item_id, supplier_id, due_date

),

supplier_causes as (

    select
        'supplier_otif' as metric,
        'order lines' as unit,
        {{ month_of('due_date') }} as period_start_date,
        site_id,
        item_id,
        supply_id as evidence_id,
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
        open_supply.item_id,
        open_supply.supply_id as evidence_id,
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

)

select * from supplier_causes
