with

hours as (select * from {{ ref('resource_hours') }}),

found as (

    select
        resource_id as object_id,
        cast(null as varchar) as item_id,
        hours_above as quantity,
        {{ product('hours_above', 'cost_per_hour') }} as value,
        resource_name || ': ' || {{ number_words('stated_hours') }} || ' hours a month stated, more than one and a half times that logged in '
        || {{ count_words('months_above', 'months') }} || ' of 12' as evidence
    from hours
    where months_above > 0

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
