{#- The loss tree of a resource: from the hours that there were to those that good units take by the routing. -#}
with

split as (select * from {{ ref('resource_hours_split') }}),

losses as (
    {% for cause, column in [
        ('served', '0'), ('planned_stop', 'planned_stop_hours'), ('breakdown', 'breakdown_hours'), ('no_load', 'idle_hours'),
        ('overtime', 'overtime_hours'), ('set_up', 'setup_hours'), ('slow_running', 'slow_hours'), ('scrapped', 'scrap_hours'),
    ] %}
    select
        'effective_utilisation' as metric,
        'hours' as unit,
        period_start_date,
        site_id,
        {{ no_text() }} as item_id,
        resource_id as evidence_id,
        resource_id as object_id,
        '{{ cause }}' as cause,
        cast({{ column }} as decimal(18, 3)) as gap_quantity,
        cast({{ 'available_hours' if cause == 'served' else '0' }} as decimal(18, 3)) as due_quantity
    from split
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from losses
