-- Causes that earlier cycles released, a year back. A release of this cycle or a later one would be hindsight.
with

cycle as (select * from {{ ref('dim_cycle') }}),

published as (select * from {{ source('published', 'fct_supply_deviation_causes') }}),

released as (

    select published.*
    from published
    cross join cycle
    where
        published.cycle_id < cycle.cycle_id
        and {{ cycle_month('published.cycle_id') }} >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}

)

select * from released
