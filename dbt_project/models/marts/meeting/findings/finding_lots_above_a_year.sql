with

cycle as (select * from {{ ref('dim_cycle') }}),

item_sites as (select * from {{ ref('item_sites') }}),

terms as (select * from {{ ref('supplier_items') }}),

items as (select * from {{ ref('dim_items') }}),

bill as (select * from {{ ref('fct_bill_of_materials') }}),

history as (select * from {{ ref('fct_demand_history') }}),

costs as (select * from {{ ref('costs_in_force') }}),

lots as (

    select item_id, site_id, lot_minimum_units as lot_units, 'smallest lot' as lot_kind from item_sites
    where lot_minimum_units > 0
    union all
    select item_id, site_id, minimum_order_units as lot_units, 'smallest order at ' || supplier_id as lot_kind from terms
    where minimum_order_units > 0 and is_active

),

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

-- What goes into other items is needed for more than its own sales.
components as (

    select distinct component_item_id as item_id, site_id from bill

),

found as (

    select
        lots.item_id || ' @ ' || lots.site_id || ' ' || lots.lot_kind as object_id,
        lots.item_id,
        lots.lot_units as quantity,
        {{ product('lots.lot_units - demand.units', 'costs.unit_cost') }} as value,
        lots.lot_kind || ' ' || {{ number_words('lots.lot_units') }}
        || ', ' || {{ number_words('demand.units') }} || ' sold in 12 months' as evidence
    from lots
    inner join demand
        on lots.item_id = demand.item_id
        and lots.site_id = demand.site_id
    inner join items on lots.item_id = items.item_id
    left join components
        on lots.item_id = components.item_id
        and lots.site_id = components.site_id
    left join costs
        on lots.item_id = costs.item_id
        and lots.site_id = costs.site_id
    where lots.lot_units > demand.units and components.item_id is null and items.item_status = 'active'

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
