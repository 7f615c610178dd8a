{#- What the findings are a part of: one CTE a population, with its objects, and units where a share of units says more. -#}
{% set populations = [
    'order_lines', 'open_order_lines', 'posting_days', 'channels', 'sites', 'sold_items', 'sold_made_items', 'item_channels_sold',
    'item_sites_in_demand', 'item_sites_not_blocked', 'made_item_sites', 'needed_item_sites', 'series_planned', 'open_supply',
    'open_purchases', 'open_production', 'open_transfers', 'purchase_lines_due', 'suppliers_received', 'supplier_terms',
    'supplier_terms_measured', 'stock_records', 'stocked_sites', 'resources', 'costed_item_sites', 'bills_costed', 'prices',
    'months_of_a_year',
] %}
with

cycle as (select * from {{ ref('dim_cycle') }}),

items as (select * from {{ ref('dim_items') }}),

lines as (select * from {{ ref('fct_order_lines') }}),

recorded_lines as (select * from {{ ref('sales_order_lines') }}),

history as (select * from {{ ref('fct_demand_history') }}),

item_sites as (select * from {{ ref('item_sites') }}),

sold as (select * from {{ ref('items_sold') }}),

margins as (select * from {{ ref('item_channel_margins') }}),

needed as (select * from {{ ref('needed_item_sites') }}),

forecasts as (select * from {{ source('planning', 'unconstrained_forecasts') }}),

open_orders as (select * from {{ ref('fct_open_supply') }}),

purchase_lines as (select * from {{ ref('purchase_order_lines') }}),

receipts as (select * from {{ ref('fct_receipts') }}),

terms as (select * from {{ ref('supplier_items') }}),

lead_times as (select * from {{ ref('supplier_lead_times') }}),

stock as (select * from {{ ref('latest_stock') }}),

all_resources as (select * from {{ ref('dim_resources') }}),

costs as (select * from {{ ref('standard_costs') }}),

compared_bills as (select * from {{ ref('bill_costs') }}),

all_prices as (select * from {{ ref('prices') }}),

all_sites as (select * from {{ ref('dim_sites') }}),

periods as (select * from {{ ref('dim_periods') }}),

order_lines as (

    select count(*) as objects, sum(ordered_units) as units from lines
    where order_type = 'order' and not is_cancelled

),

open_order_lines as (

    select count(*) as objects, sum(ordered_units - shipped_units) as units from lines
    where is_open

),

days as (

    select
        channel_id,
        recorded_demand_date,
        sum(ordered_units) as units
    from recorded_lines
    where order_type = 'order' and not is_cancelled
    group by channel_id, recorded_demand_date

),

posting_days as (

    select count(*) as objects, sum(units) as units from days

),

channels as (

    select count(distinct channel_id) as objects, null as units from lines

),

sites as (

    select count(*) as objects, null as units from all_sites

),

sold_items as (

    select count(*) as objects, sum(units_last_year) as units from sold

),

made as (

    select distinct item_id from item_sites
    where procurement_type in ('make', 'both')

),

sold_made_items as (

    select count(*) as objects, sum(sold.units_last_year) as units
    from sold
    inner join made on sold.item_id = made.item_id

),

item_channels_sold as (

    select count(*) as objects, sum(units) as units from margins

),

demanded as (

    select
        history.item_id,
        history.site_id,
        sum(history.ordered_units) as units
    from history
    inner join cycle on history.period_start_date >= {{ a_year_before('cycle') }}
    group by history.item_id, history.site_id
    having sum(history.ordered_units) > 0

),

item_sites_in_demand as (

    select count(*) as objects, sum(units) as units from demanded

),

item_sites_not_blocked as (

    select count(*) as objects, null as units
    from item_sites
    inner join items on item_sites.item_id = items.item_id
    where items.item_status <> 'blocked'

),

made_item_sites as (

    select count(*) as objects, null as units
    from item_sites
    inner join items on item_sites.item_id = items.item_id
    where items.item_status <> 'blocked' and item_sites.procurement_type in ('make', 'both')

),

needed_item_sites as (

    select count(*) as objects, sum(planned_units) as units from needed

),

planned_series as (

    select
        item_id,
        site_id,
        channel_id,
        sum(forecast_units) as units
    from forecasts
    group by item_id, site_id, channel_id
    having sum(forecast_units) > 0

),

series_planned as (

    select count(*) as objects, sum(units) as units from planned_series

),

open_supply as (

    select count(*) as objects, sum(open_units) as units from open_orders

),

open_purchases as (

    select count(*) as objects, sum(open_units) as units from open_orders
    where supply_type = 'purchase'

),

open_production as (

    select count(*) as objects, sum(open_units) as units from open_orders
    where supply_type = 'production'

),

open_transfers as (

    select count(*) as objects, sum(open_units) as units from open_orders
    where supply_type = 'transfer'

),

purchase_lines_due as (

    select count(*) as objects, sum(purchase_lines.ordered_units) as units
    from purchase_lines
    inner join cycle on purchase_lines.due_date < cycle.cycle_start_date

),

suppliers_received as (

    select count(distinct receipts.supplier_id) as objects, sum(receipts.received_units) as units
    from receipts
    inner join cycle on receipts.received_date < cycle.cycle_start_date

),

supplier_terms as (

    select count(*) as objects, null as units from terms

),

supplier_terms_measured as (

    select count(*) as objects, null as units from lead_times

),

stock_records as (

    select count(*) as objects, sum(on_hand_units) as units from stock

),

stocked_sites as (

    select count(distinct site_id) as objects, sum(on_hand_units) as units from stock

),

resources as (

    select count(*) as objects, null as units from all_resources

),

costed as (

    select distinct item_id, site_id from costs

),

costed_item_sites as (

    select count(*) as objects, null as units from costed

),

bills_costed as (

    select count(*) as objects, null as units from compared_bills

),

prices as (

    select count(*) as objects, null as units from all_prices

),

months_of_a_year as (

    select count(*) as objects, null as units from periods
    where cycle_offset between 0 and 11

),

populations as (
    {% for population in populations %}
    select
        '{{ population }}' as population_id,
        objects as checked_count,
        cast(units as decimal(18, 3)) as checked_quantity
    from {{ population }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    population_id,
    checked_count,
    checked_quantity
from populations
