with

shifts as (select * from {{ source('planning', 'demand_shifts') }}),

classes as (select * from {{ source('planning', 'demand_classes') }}),

found as (

    select
        shifts.level_id as object_id,
        shifts.item_id,
        shifts.after_units_per_month - shifts.before_units_per_month as quantity,
        classes.revenue_last_12_months as value,
        {{ shift_words('shifts') }} as evidence
    from shifts
    inner join classes
        on shifts.item_id = classes.item_id
        and shifts.site_id = classes.site_id
        and shifts.channel_id = classes.channel_id
    where shifts.level = 'series' and classes.demand_class <> 'inactive'

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
