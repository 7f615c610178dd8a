-- Safety, cycle, anticipation, pipeline and excess are the stock, to the last thousandth.
with

inventory_strategy as (select * from {{ ref('fct_inventory_strategy') }})

select
    item_id,
    site_id,
    actual_units,
    safety_units + cycle_units + anticipation_units + pipeline_units + excess_units as parts_units
from inventory_strategy
where actual_units <> safety_units + cycle_units + anticipation_units + pipeline_units + excess_units
