-- Over the network: opening + production - other use - sold = closing, and a month opens with what the last one closed.
with

balance as (select * from {{ ref('fct_family_balance') }}),

with_previous as (

    select
        balance.*,
        lag(closing_units) over (partition by scenario_id, family_id order by period_start_date) as previous_closing_units
    from balance

)

select
    scenario_id,
    family_id,
    period_start_date,
    opening_units + production_units - other_use_units - sold_units - closing_units as residual_units,
    opening_units - previous_closing_units as carried_over_units
from with_previous
where
    opening_units + production_units - other_use_units - sold_units <> closing_units
    or opening_units <> previous_closing_units
