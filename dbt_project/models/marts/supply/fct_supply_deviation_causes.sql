{#- Every line or unit that is missing has exactly one cause, the first that holds in the order written here, so that the causes of a
    month are its gap exactly. A new cause is a `when` above the last one and its evidence. -#}
{%- set evidence = {
    'never_shipped': 'nothing of the line was shipped',
    'promised_late': 'the day confirmed lies after the day asked for',
    'out_of_stock': 'the item was out of stock at the site in the month',
    'shipped_short': 'a part was shipped in time',
    'shipped_late': 'stock was there and the line left after its day',
    'not_received': 'overdue and nothing received',
    'rejected': 'received goods were rejected',
    'received_late': 'received after the day promised',
    'received_short': 'received in time, less than ordered',
    'scrapped': 'scrap of the item in the month',
    'still_in_work': 'production orders of the item were open at the close of the month',
    'resource_full': 'hours of a resource of the item were used up in the month',
    'component_missing': 'a component stood at nothing at the end of the month or of the month before',
    'unexplained': 'the data say nothing',
    'planned_stop': 'stops planned ahead that the capacity does not have taken off',
    'breakdown': 'stops that nobody planned',
    'no_load': 'hours in which nothing was confirmed and nothing stood still',
    'overtime': 'hours worked beyond the regular ones: they make the gap smaller',
    'set_up': 'set-ups of the orders confirmed, by the routing',
    'slow_running': 'hours confirmed beyond set-up and run hours of the routing; negative where it went faster',
    'expected_scrap': 'what the yield of the routing says',
    'excess_scrap': 'scrap beyond the yield of the routing; negative where there was less',
} -%}
with

in_review as (select * from {{ ref('supply_deviations') }}),

due as (

    select
        metric,
        period_start_date,
        site_id,
        sum(due_quantity) as due_quantity
    from in_review
    group by metric, period_start_date, site_id

),

by_cause as (

    select
        cycle_id,
        metric,
        unit,
        period_start_date,
        site_id,
        object_id,
        cause,
        sum(gap_quantity) as gap_quantity
    from in_review
    where cause <> 'served'
    group by cycle_id, metric, unit, period_start_date, site_id, object_id, cause

),

supply_deviation_causes as (

    select
        by_cause.cycle_id,
        {{ supply_cause_id('by_cause.metric', 'by_cause.cause', 'by_cause.object_id', 'by_cause.site_id') }} as cause_id,
        by_cause.metric,
        by_cause.period_start_date,
        by_cause.site_id,
        by_cause.cause,
        by_cause.object_id,
        by_cause.unit,
        by_cause.gap_quantity,
        due.due_quantity,
        {{ ratio('by_cause.gap_quantity', 'due.due_quantity') }} as gap_ratio,
        case by_cause.cause
            {% for cause, words in evidence.items() -%}
            when '{{ cause }}' then '{{ words }}'
            {% endfor -%}
        end as evidence
    from by_cause
    inner join due
        on
            by_cause.metric = due.metric
            and by_cause.period_start_date = due.period_start_date
            and by_cause.site_id = due.site_id
    where by_cause.gap_quantity <> 0

)

{{ select_contract('supply_deviation_causes') }}
