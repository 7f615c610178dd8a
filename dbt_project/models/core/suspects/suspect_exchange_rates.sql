{#- A rate ten times the one before it, or a tenth: inverted, in other units, or of another currency. -#}
with

fx_rates as (select * from {{ ref('fx_rates') }}),

followed as (

    select
        from_currency_code,
        to_currency_code,
        rate_date,
        rate,
        lag(rate) over (partition by from_currency_code, to_currency_code order by rate_date) as rate_before
    from fx_rates

),

compared as (

    select
        followed.*,
        {{ ratio('rate', 'rate_before') }} as change_ratio
    from followed
    where rate_before > 0

)

select
    'exchange_rate_jumps' as check_id,
    from_currency_code || ' to ' || to_currency_code || ' ' || cast(rate_date as varchar) as object_id,
    change_ratio as measured_value,
    cast({{ rate_jump_factor() }} as decimal(18, 6)) as limit_value,
    cast(rate as varchar) || ' after ' || cast(rate_before as varchar) as evidence
from compared
where change_ratio >= {{ rate_jump_factor() }} or change_ratio * {{ rate_jump_factor() }} <= 1
