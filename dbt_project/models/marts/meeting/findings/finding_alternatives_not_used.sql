with

cycle as (select * from {{ ref('dim_cycle') }}),

bom as (select * from {{ ref('bom_lines') }}),

routing as (select * from {{ ref('routing_operations') }}),

bills as (

    select
        bom.parent_item_id as item_id,
        bom.site_id,
        'bill' as kind,
        count(distinct bom.bom_alternative_id) as alternatives,
        min(bom.bom_alternative_id) as used
    from bom
    cross join cycle
    where {{ in_force('cycle.cycle_start_date', 'bom') }}
    group by bom.parent_item_id, bom.site_id

),

routes as (

    select
        routing.item_id,
        routing.site_id,
        'routing' as kind,
        count(distinct routing.routing_alternative_id) as alternatives,
        min(routing.routing_alternative_id) as used
    from routing
    cross join cycle
    where {{ in_force('cycle.cycle_start_date', 'routing') }}
    group by routing.item_id, routing.site_id

),

alternatives as (

    select item_id, site_id, kind, alternatives, used from bills
    union all
    select item_id, site_id, kind, alternatives, used from routes

),

found as (

    select
        item_id || ' @ ' || site_id || ' ' || kind as object_id,
        item_id,
        alternatives - 1 as quantity,
        cast(null as decimal(18, 4)) as value,
        {{ count_words('alternatives', 'alternatives') }} || ' of the ' || kind || ' in force, first choice ' || used as evidence
    from alternatives
    where alternatives > 1

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
