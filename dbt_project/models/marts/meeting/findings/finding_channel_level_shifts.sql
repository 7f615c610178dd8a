with

cycle as (select * from {{ ref('dim_cycle') }}),

shifts as (select * from {{ source('planning', 'demand_shifts') }}),

history as (select * from {{ ref('fct_demand_history') }}),

revenue as (

    select
        history.channel_id,
        sum(history.revenue) as value
    from history
    inner join cycle on history.period_start_date >= {{ a_year_before('cycle') }}
    group by history.channel_id

),

found as (

    select
        shifts.level_id as object_id,
        cast(null as varchar) as item_id,
        shifts.after_units_per_month - shifts.before_units_per_month as quantity,
        revenue.value,
        {{ shift_words('shifts') }} as evidence
    from shifts
    left join revenue on shifts.channel_id = revenue.channel_id
    where shifts.level = 'channel'

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
