{#- Hours of a month that its days do not hold: more than 24 a day on each of the machines or people that stand side by side. -#}
with

resource_capacities as (select * from {{ ref('resource_capacities') }}),

bounded as (

    select
        resource_id,
        period_start_date,
        parallel_units,
        available_hours + coalesce(overtime_maximum_hours, 0) as hours,
        24 * parallel_units * {{ dbt.datediff('period_start_date', months_after('period_start_date', 1), 'day') }} as hours_there_are
    from resource_capacities
    where parallel_units is not null

)

select
    'hours_beyond_the_clock' as check_id,
    resource_id || ' ' || {{ month_words('period_start_date') }} as object_id,
    cast(hours as decimal(18, 6)) as measured_value,
    cast(hours_there_are as decimal(18, 6)) as limit_value,
    {{ number_words('hours') }} || ' hours on ' || cast(parallel_units as varchar) || ' in parallel' as evidence
from bounded
where hours > hours_there_are
