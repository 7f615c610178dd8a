{#- Every line, unit or hour that was due in the months in review, with one cause each. A new measure is a model beside this one. -#}
{%- set measures = ['customer_line_causes', 'supplier_line_causes', 'production_plan_causes', 'resource_hour_causes', 'scrap_causes'] -%}
with

cycle as (select * from {{ ref('dim_cycle') }}),

detail as (
    {% for measure in measures %}
    select
        metric,
        unit,
        period_start_date,
        site_id,
        item_id,
        evidence_id,
        object_id,
        cause,
        gap_quantity,
        due_quantity
    from {{ ref(measure) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    cycle.cycle_id,
    detail.metric,
    detail.unit,
    detail.period_start_date,
    detail.site_id,
    detail.item_id,
    detail.evidence_id,
    detail.object_id,
    detail.cause,
    detail.gap_quantity,
    detail.due_quantity
from detail
cross join cycle
where
    detail.period_start_date < cycle.cycle_start_date
    and detail.period_start_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}
