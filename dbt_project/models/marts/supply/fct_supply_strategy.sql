with

cycle as (select * from {{ ref('dim_cycle') }}),

sources as (select * from {{ ref('fct_sources') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

policies as (select * from {{ ref('fct_item_policies') }}),

plan as (

    select * from {{ source('planning', 'supply_plan') }}
    where scenario_id = 'base'

),

receipts_of_year as (

    select
        receipts.supplier_id,
        receipts.item_id,
        receipts.site_id,
        sum(receipts.received_units) as received_units,
        sum(receipts.lead_time_days) as lead_time_days,
        sum(case when receipts.is_on_time and receipts.is_in_full then 1 else 0 end) as good_receipts,
        count(*) as receipts
    from receipts
    cross join cycle
    where
        receipts.received_date < cycle.cycle_start_date
        and receipts.received_date >= {{ months_after('cycle.cycle_start_date', -12) }}
    group by receipts.supplier_id, receipts.item_id, receipts.site_id

),

planned as (

    select
        source_id,
        sum(received_units) as planned_units,
        sum(flow_cost) as planned_cost
    from plan
    group by source_id

),

joined as (

    select
        sources.source_id,
        sources.source_type,
        sources.item_id,
        sources.site_id,
        sources.supplier_id,
        sources.from_site_id,
        sources.priority,
        sources.unit_cost,
        sources.lead_time_months,
        coalesce(receipts_of_year.received_units, 0) as received_units_last_year,
        receipts_of_year.lead_time_days,
        receipts_of_year.good_receipts,
        receipts_of_year.receipts,
        coalesce(planned.planned_units, 0) as planned_units,
        coalesce(planned.planned_cost, 0) as planned_cost,
        policies.share_ratio as policy_share_ratio
    from sources
    left join planned on sources.source_id = planned.source_id
    left join receipts_of_year
        on
            sources.supplier_id = receipts_of_year.supplier_id
            and sources.item_id = receipts_of_year.item_id
            and sources.site_id = receipts_of_year.site_id
    left join policies
        on
            sources.item_id = policies.item_id
            and sources.site_id = policies.site_id
            and sources.source_type = policies.source_type
            and coalesce(sources.supplier_id, sources.from_site_id, sources.site_id) = policies.source_object_id

),

item_site_totals as (

    select
        item_id,
        site_id,
        count(*) as source_count,
        sum(received_units_last_year) as received_units_last_year,
        sum(planned_units) as planned_units
    from joined
    group by item_id, site_id

),

supply_strategy as (

    select
        cycle.cycle_id,
        joined.source_id,
        joined.source_type,
        joined.item_id,
        joined.site_id,
        joined.supplier_id,
        joined.from_site_id,
        joined.priority,
        item_site_totals.source_count,
        item_site_totals.source_count = 1 as is_single_source,
        joined.received_units_last_year,
        {{ ratio('joined.received_units_last_year', 'item_site_totals.received_units_last_year') }} as received_share_ratio,
        joined.planned_units,
        {{ ratio('joined.planned_units', 'item_site_totals.planned_units') }} as planned_share_ratio,
        joined.policy_share_ratio,
        {{ ratio('joined.planned_units', 'item_site_totals.planned_units') }} - joined.policy_share_ratio as share_gap_ratio,
        joined.unit_cost,
        joined.lead_time_months,
        {{ ratio('joined.lead_time_days', 'joined.receipts') }} as measured_lead_time_days,
        joined.planned_cost,
        {{ ratio('joined.good_receipts', 'joined.receipts') }} as on_time_in_full_ratio
    from joined
    cross join cycle
    inner join item_site_totals
        on
            joined.item_id = item_site_totals.item_id
            and joined.site_id = item_site_totals.site_id

)

{{ select_contract('supply_strategy') }}
