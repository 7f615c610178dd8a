with

cycle as (select * from {{ ref('dim_cycle') }}),

history as (select * from {{ ref('fct_demand_history') }}),

economics as (select * from {{ ref('fct_unit_economics') }}),

last_year as (

    select
        history.item_id,
        history.site_id,
        history.channel_id,
        sum(history.ordered_units) as units
    from history
    inner join cycle on history.period_start_date >= {{ a_year_before('cycle') }}
    group by history.item_id, history.site_id, history.channel_id
    having sum(history.ordered_units) > 0

),

priced as (

    select
        last_year.item_id,
        last_year.channel_id,
        sum(last_year.units) as units,
        sum({{ product('last_year.units', 'economics.unit_price') }}) as revenue,
        sum({{ product('last_year.units', 'economics.unit_cost') }}) as cost
    from last_year
    inner join economics
        on last_year.item_id = economics.item_id
        and last_year.site_id = economics.site_id
        and last_year.channel_id = economics.channel_id
    where economics.unit_price > 0
    group by last_year.item_id, last_year.channel_id

)

select
    item_id,
    channel_id,
    units,
    revenue,
    cost
from priced
