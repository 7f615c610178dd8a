with

periods as (select * from {{ ref('dim_periods') }}),

goals as (select * from {{ ref('fct_goals') }}),

budgeted as (

    select distinct period_start_date from goals
    where goal_version = 'budget' and metric = 'revenue'

),

found as (

    select
        {{ month_words('periods.period_start_date') }} as object_id,
        cast(null as varchar) as item_id,
        1 as quantity,
        cast(null as decimal(18, 4)) as value,
        'no revenue budget at any level' as evidence
    from periods
    left join budgeted on periods.period_start_date = budgeted.period_start_date
    where periods.cycle_offset between 0 and 11 and budgeted.period_start_date is null

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
