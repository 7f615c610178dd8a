-- Activity plans as the newest cycle before this one released them, for the months of this cycle's horizon.
with

cycle as (select * from {{ ref('dim_cycle') }}),

published as (select * from {{ source('published', 'fct_activity_plans') }}),

newest as (

    select max(published.cycle_id) as cycle_id
    from published
    cross join cycle
    where published.cycle_id < cycle.cycle_id

),

released as (

    select published.*
    from published
    inner join newest on published.cycle_id = newest.cycle_id
    cross join cycle
    where published.period_start_date >= cycle.cycle_start_date

)

select * from released
