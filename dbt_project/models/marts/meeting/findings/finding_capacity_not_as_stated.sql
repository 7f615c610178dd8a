with

hours as (select * from {{ ref('resource_hours') }}),

found as (

    select
        resource_id as object_id,
        cast(null as varchar) as item_id,
        planned_hours - coalesce(stated_hours, 0) as quantity,
        {{ product('12 * abs(planned_hours - coalesce(stated_hours, 0))', 'cost_per_hour') }} as value,
        resource_name || ': ' || coalesce({{ number_words('stated_hours') }} || ' hours a month stated', 'no hours stated') || ', '
        || {{ number_words('used_hours_per_month') }} || ' logged (at most ' || {{ number_words('most_used_hours') }} || '), planned with '
        || {{ number_words('planned_hours') }} as evidence
    from hours
    where months_not_as_stated > 0

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
