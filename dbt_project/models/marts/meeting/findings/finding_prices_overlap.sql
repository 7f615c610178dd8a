with

prices as (select * from {{ ref('prices') }}),

followed as (

    select
        prices.*,
        lead(prices.valid_from_date) over (
            partition by prices.item_id, prices.channel_id, prices.currency_code
            order by prices.valid_from_date
        ) as next_valid_from_date
    from prices

),

found as (

    select
        item_id || ' / ' || channel_id || ' ' || currency_code || ' ' || cast(valid_from_date as varchar) as object_id,
        item_id,
        unit_price as quantity,
        cast(null as decimal(18, 4)) as value,
        'valid to ' || cast(valid_to_date as varchar) || ', the next from ' || cast(next_valid_from_date as varchar) as evidence
    from followed
    where valid_to_date >= next_valid_from_date

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
