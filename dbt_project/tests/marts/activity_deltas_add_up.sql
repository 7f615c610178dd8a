-- What this cycle expects of activities is what the cycle before expected of the same months, and the deltas.
with

cycle as (select * from {{ ref('dim_cycle') }}),

plans as (select * from {{ ref('fct_activity_plans') }}),

deltas as (select * from {{ ref('fct_activity_deltas') }}),

released as (select * from {{ ref('released_activity_plans') }}),

-- Only where there is an earlier plan to compare with.
totals as (

    select
        (select coalesce(sum(plans.expected_uplift_units), 0) from plans) as units_now,
        (select coalesce(sum(released.expected_uplift_units), 0) from released) as units_before,
        (select coalesce(sum(deltas.expected_change_units), 0) from deltas) as change_units
    from cycle
    where exists (select 1 from released)

)

select
    units_now,
    units_before,
    change_units
from totals
where units_now <> units_before + change_units
