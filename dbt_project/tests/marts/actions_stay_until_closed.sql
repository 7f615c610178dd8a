-- An action that was open in the cycle before is there in this one, whether or not somebody handed it in again.
with

cycle as (select * from {{ ref('dim_cycle') }}),

actions as (select * from {{ ref('fct_actions') }}),

published as (select * from {{ source('published', 'fct_actions') }}),

earlier_cycle as (

    select max(published.cycle_id) as cycle_id
    from published
    cross join cycle
    where published.cycle_id < cycle.cycle_id

)

select
    published.cycle_id,
    published.action_id,
    published.owner,
    published.due_date
from published
inner join earlier_cycle on published.cycle_id = earlier_cycle.cycle_id
left join actions on published.action_id = actions.action_id
where published.is_open and actions.action_id is null
