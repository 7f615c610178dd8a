with

cycle as (select * from {{ ref('dim_cycle') }}),

item_sites as (select * from {{ ref('item_sites') }}),

items as (select * from {{ ref('dim_items') }}),

history as (select * from {{ ref('fct_demand_history') }}),

costs as (select * from {{ ref('costs_in_force') }}),

demand as (

    select
        history.item_id,
        history.site_id,
        sum(history.ordered_units) as units
    from history
    inner join cycle on history.period_start_date >= {{ a_year_before('cycle') }}
    group by history.item_id, history.site_id
    having sum(history.ordered_units) > 0

),

found as (

    select
        item_sites.item_id || ' @ ' || item_sites.site_id as object_id,
        item_sites.item_id,
        item_sites.safety_stock_units as quantity,
        {{ product('item_sites.safety_stock_units', 'costs.unit_cost') }} as value,
        {{ number_words('item_sites.safety_stock_units') }} || ' units kept, ' || {{ number_words('demand.units') }} || ' sold in 12 months'
            as evidence
    from item_sites
    inner join demand
        on item_sites.item_id = demand.item_id
        and item_sites.site_id = demand.site_id
    inner join items on item_sites.item_id = items.item_id
    left join costs
        on item_sites.item_id = costs.item_id
        and item_sites.site_id = costs.site_id
    where item_sites.safety_stock_units > 2 * demand.units and items.item_status <> 'blocked'

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
