-- Every confirmation that people handed in comes back with what became of it: of a cause that this release does not find, too.
with

cycle as (select * from {{ ref('dim_cycle') }}),

confirmations as (select * from {{ source('planner', 'cause_confirmations') }}),

confirmed as (select * from {{ ref('confirmed_causes') }}),

causes as (select * from {{ ref('fct_demand_deviation_causes') }}),

parts as (

    select
        item_id,
        site_id,
        channel_id,
        period_start_date,
        machine_cause_code,
        count(*) as part_count,
        sum(abs(cause_units)) as absolute_units
    from causes
    group by item_id, site_id, channel_id, period_start_date, machine_cause_code

),

final as (

    select
        cycle.cycle_id,
        confirmations.confirmation_id,
        confirmations.item_id,
        confirmations.site_id,
        confirmations.channel_id,
        confirmations.period_start_date,
        confirmations.cause_code,
        confirmations.confirmed_cause_code,
        confirmations.owner,
        confirmations.confirmed_date,
        confirmations.comment,
        case
            when confirmed.item_id is null then 'contradicted'
            when parts.item_id is null then 'no_such_cause'
            when confirmations.cause_code = confirmations.confirmed_cause_code then 'confirmed'
            else 'replaced'
        end as confirmation_state,
        coalesce(parts.part_count, 0) as part_count,
        coalesce(parts.absolute_units, 0) as absolute_units
    from confirmations
    cross join cycle
    left join confirmed
        on {{ same_series_month('confirmations', 'confirmed', ['cause_code']) }}
    left join parts
        on
            {{ same_series_month('confirmations', 'parts') }}
            and confirmations.cause_code = parts.machine_cause_code

)

{{ select_contract('final') }}
