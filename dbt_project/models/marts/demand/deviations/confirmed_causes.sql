-- What people say of the parts of an error that the rules have found, where they agree. Where two say different things neither holds.
with

confirmations as (select * from {{ source('planner', 'cause_confirmations') }}),

agreed as (

    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        cause_code,
        min(confirmed_cause_code) as confirmed_cause_code,
        min(confirmation_id) as confirmation_id
    from confirmations
    group by item_id, site_id, channel_id, period_start_date, cause_code
    having count(distinct confirmed_cause_code) = 1

)

select
    agreed.item_id,
    agreed.site_id,
    agreed.channel_id,
    agreed.period_start_date,
    agreed.cause_code,
    agreed.confirmed_cause_code,
    agreed.confirmation_id,
    confirmations.owner as confirmed_by,
    confirmations.confirmed_date
from agreed
inner join confirmations on agreed.confirmation_id = confirmations.confirmation_id
