with

cycle as (select * from {{ ref('dim_cycle') }}),

unit_costs as (select * from {{ ref('fct_unit_costs') }}),

in_force as (

    select
        unit_costs.item_id,
        unit_costs.site_id,
        unit_costs.unit_cost
    from unit_costs
    inner join cycle on cycle.cycle_start_date between unit_costs.valid_from_date and unit_costs.valid_to_date

)

select
    item_id,
    site_id,
    unit_cost
from in_force
