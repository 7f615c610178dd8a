-- Planned price of an hour of a work centre's activity in the cycle's month.
with activities as (

    select * from {{ source('sap', 'crco') }}
    where objty = 'A' and (endda is null or endda >= {{ sap_cycle_day() }})

),

prices as (

    select * from {{ source('sap', 'cost') }}
    where wrttp = '01' and versn = '000' and gjahr = extract(year from {{ sap_cycle_day() }})

),

currency_shifts as (

    select * from {{ ref('base_sap__currency_shifts') }}

),

{%- set month = env_var('SOP_CYCLE_ID')[5:7] %}

priced as (

    select
        activities.objid,
        activities.lanum,
        prices.twaer as currency_code,
        {{ sap_unit_price('prices.tog0' ~ month, 'currency_shifts.shift', 'prices.toe0' ~ month, '1', '1') }} as cost_per_hour,
        row_number() over (partition by activities.objid, activities.lanum order by activities.endda, activities.kostl) as place
    from activities
    inner join prices on 'KL' || activities.kokrs || activities.kostl || activities.lstar = prices.objnr
    left join currency_shifts on prices.twaer = currency_shifts.currency_code

)

select objid, lanum, currency_code, cost_per_hour
from priced
where place = 1
