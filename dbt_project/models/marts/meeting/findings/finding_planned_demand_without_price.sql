with

forecasts as (select * from {{ source('planning', 'unconstrained_forecasts') }}),

economics as (select * from {{ ref('fct_unit_economics') }}),

planned as (

    select
        item_id,
        site_id,
        channel_id,
        sum(forecast_units) as units
    from forecasts
    group by item_id, site_id, channel_id
    having sum(forecast_units) > 0

),

found as (

    select
        planned.item_id || ' @ ' || planned.site_id || ' / ' || planned.channel_id as object_id,
        planned.item_id,
        planned.units as quantity,
        {{ product('planned.units', 'coalesce(economics.unit_cost, 0)') }} as value,
        {{ number_words('planned.units') }} || ' units planned, no price and no list price' as evidence
    from planned
    left join economics
        on planned.item_id = economics.item_id
        and planned.site_id = economics.site_id
        and planned.channel_id = economics.channel_id
    where coalesce(economics.unit_price, 0) = 0

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
