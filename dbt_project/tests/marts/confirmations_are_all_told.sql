-- No confirmation is lost, and one that holds stands at every part that it speaks of.
with

handed_in as (select * from {{ source('planner', 'cause_confirmations') }}),

told as (select * from {{ ref('fct_cause_confirmations') }}),

causes as (select * from {{ ref('fct_demand_deviation_causes') }})

select
    handed_in.confirmation_id,
    'not told' as problem
from handed_in
left join told on handed_in.confirmation_id = told.confirmation_id
where told.confirmation_id is null

union all

select
    told.confirmation_id,
    'not at its cause' as problem
from told
inner join causes
    on
        {{ same_series_month('told', 'causes') }}
        and told.cause_code = causes.machine_cause_code
where
    (told.confirmation_state in ('confirmed', 'replaced')
        and (causes.cause_code <> told.confirmed_cause_code or causes.confirmed_by is null))
    or (told.confirmation_state not in ('confirmed', 'replaced') and causes.confirmed_by is not null)
