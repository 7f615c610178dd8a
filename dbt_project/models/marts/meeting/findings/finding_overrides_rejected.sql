with

rejected as (select * from {{ source('planning', 'rejected_overrides') }}),

found as (

    select
        override_id || ' ' || {{ month_words('period_start_date') }} as object_id,
        cast(null as varchar) as item_id,
        1 as quantity,
        cast(null as decimal(18, 4)) as value,
        rule || coalesce(': ' || cast(value as varchar), '') as evidence
    from rejected
    where rule not in ('expired', 'closed_month')

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
