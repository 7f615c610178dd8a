-- The balance closes by construction; these signs do not. Goods in transit below zero have arrived without having left,
-- production below zero counts a move twice. Rounding of arrivals to 3 decimals may leave thousandths.
select
    scenario_id,
    family_id,
    period_start_date,
    in_transit_units,
    production_units,
    other_use_units
from {{ ref('fct_family_balance') }}
where in_transit_units < -1 or production_units < -1 or other_use_units < -1
