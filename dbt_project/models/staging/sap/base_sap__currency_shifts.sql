with currencies as (

    select * from {{ source('sap', 'tcurx') }}

)

select
    currkey as currency_code,
    -- 10 to the power of 2 less the currency's decimals
    cast(
        case currdec when 0 then 100 when 1 then 10 when 2 then 1 when 3 then 0.1 when 4 then 0.01 when 5 then 0.001 end
        as decimal(9, 3)
    ) as shift
from currencies
