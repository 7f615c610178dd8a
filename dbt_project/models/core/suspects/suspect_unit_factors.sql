{#- Units that changed over time. A factor with a day from which it holds is read by that day, and told: whoever set it may not
    have meant the past. A factor, or a base unit, that was changed without a day says so nowhere but in the history, which is
    then other units than the newest published cycle had. -#}
with

conversions as (select * from {{ ref('uom_conversions') }}),

demand_history as (select * from {{ ref('fct_demand_history') }}),

published as (select * from {{ source('published', 'fct_demand_plan') }}),

newest as (select max(cycle_id) as cycle_id from published),

changed as (

    select
        item_id,
        from_uom_id,
        to_uom_id,
        count(distinct {{ ratio('numerator', 'denominator', 'decimal(28,12)') }}) as factors,
        max(valid_from_date) as newest_date
    from conversions
    group by item_id, from_uom_id, to_uom_id

),

-- Months that were long closed when they were published: late orders do not change them.
before as (

    select
        published.item_id,
        published.cycle_id,
        published.period_start_date,
        sum(published.actual_units) as units
    from published
    inner join newest on published.cycle_id = newest.cycle_id
    where published.is_history
        and published.period_start_date < {{ months_after(cycle_month('newest.cycle_id'), -1) }}
    group by published.item_id, published.cycle_id, published.period_start_date

),

of_now as (

    select
        item_id,
        period_start_date,
        sum(ordered_units) as units
    from demand_history
    group by item_id, period_start_date

),

compared as (

    select
        before.item_id,
        before.cycle_id,
        sum(before.units) as units_before,
        sum(of_now.units) as units_now
    from before
    inner join of_now
        on before.item_id = of_now.item_id
        and before.period_start_date = of_now.period_start_date
    group by before.item_id, before.cycle_id

)

select
    'unit_factors_changed' as check_id,
    coalesce(item_id, 'all items') || ' ' || from_uom_id || ' to ' || to_uom_id as object_id,
    cast(factors as decimal(18, 6)) as measured_value,
    cast(1 as decimal(18, 6)) as limit_value,
    cast(factors as varchar) || ' factors, the latest from ' || cast(newest_date as varchar) || ' on' as evidence
from changed
where factors > 1

union all

select
    'history_in_other_units' as check_id,
    item_id as object_id,
    cast({{ ratio('units_now', 'units_before', 'decimal(18,6)') }} as decimal(18, 6)) as measured_value,
    cast({{ units_changed_factor() }} as decimal(18, 6)) as limit_value,
    cast(units_now as varchar) || ' units in months that held ' || cast(units_before as varchar) || ' in cycle ' || cycle_id as evidence
from compared
where
    units_before > 0
    and (units_now > units_before * {{ units_changed_factor() }} or units_now * {{ units_changed_factor() }} < units_before)
