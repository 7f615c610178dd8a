with

forecasts as (select * from {{ source('planning', 'unconstrained_forecasts') }}),

source_inputs as (select * from {{ ref('fct_source_inputs') }}),

sources as (select * from {{ ref('fct_sources') }}),

needed as (

    -- What is only owed (orders on hand of an item off sale) leaves from stock: it needs no source.
    select item_id, site_id, sum(forecast_units) as planned_units
    from forecasts
    group by item_id, site_id
    having sum(forecast_units - coalesce(order_book_units, 0)) > 0

    union all

    select item_id, site_id, 0 as planned_units
    from source_inputs

),

by_item_site as (

    select
        needed.item_id,
        needed.site_id,
        sum(needed.planned_units) as planned_units
    from needed
    group by needed.item_id, needed.site_id

),

supplied as (

    select distinct item_id, site_id from sources

),

judged as (

    select
        by_item_site.item_id,
        by_item_site.site_id,
        by_item_site.planned_units,
        supplied.item_id is not null as has_source
    from by_item_site
    left join supplied
        on by_item_site.item_id = supplied.item_id
        and by_item_site.site_id = supplied.site_id

)

select
    item_id,
    site_id,
    planned_units,
    has_source
from judged
