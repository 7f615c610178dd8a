with

deviations as (select * from {{ ref('supply_deviations') }}),

items as (select * from {{ ref('dim_items') }}),

downtimes as (select * from {{ ref('downtimes') }}),

-- A stop is evidence itself, with its reason, in place of the hours of its resource.
stops as (

    select
        deviations.cycle_id,
        deviations.metric,
        deviations.unit,
        deviations.period_start_date,
        deviations.site_id,
        deviations.item_id,
        downtimes.downtime_id as evidence_id,
        deviations.object_id,
        deviations.cause,
        downtimes.downtime_hours as gap_quantity,
        coalesce(downtimes.reason, downtimes.downtime_type) as evidence
    from deviations
    inner join downtimes
        on
            deviations.object_id = downtimes.resource_id
            and deviations.period_start_date = {{ month_of('downtimes.start_date') }}
            and case when downtimes.downtime_type = 'planned' then 'planned_stop' else 'breakdown' end = deviations.cause
    where deviations.metric = 'effective_utilisation' and not downtimes.is_in_capacity

),

rows_of_evidence as (

    select
        deviations.cycle_id,
        deviations.metric,
        deviations.unit,
        deviations.period_start_date,
        deviations.site_id,
        deviations.item_id,
        deviations.evidence_id,
        deviations.object_id,
        deviations.cause,
        deviations.gap_quantity,
        items.item_name as evidence
    from deviations
    left join items on deviations.item_id = items.item_id
    where deviations.cause not in ('served', 'planned_stop', 'breakdown') and deviations.gap_quantity <> 0

    union all

    select * from stops

),

final as (

    select
        rows_of_evidence.*,
        {{ supply_cause_id('metric', 'cause', 'object_id', 'site_id') }} as cause_id
    from rows_of_evidence

)

{{ select_contract('final') }}
