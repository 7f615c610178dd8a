-- What customers ordered in the twelve closed months is the demand of these months before policies: no customer and no line falls out.
with

cycle as (select * from {{ ref('dim_cycle') }}),

profiles as (select * from {{ ref('fct_customer_profiles') }}),

history as (select * from {{ ref('fct_demand_history') }}),

stacked as (

    select
        channel_id,
        ordered_units as profile_units,
        cast(0 as decimal(18, 3)) as demand_units
    from profiles

    union all

    select
        history.channel_id,
        cast(0 as decimal(18, 3)) as profile_units,
        history.ordered_units - history.kept_cancelled_units + history.deducted_return_units as demand_units
    from history
    cross join cycle
    where history.period_start_date >= {{ a_year_before('cycle') }}

)

select
    channel_id,
    sum(profile_units) as profile_units,
    sum(demand_units) as demand_units
from stacked
group by channel_id
having sum(profile_units) <> sum(demand_units)
