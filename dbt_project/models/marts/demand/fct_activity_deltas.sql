-- Months of this cycle's horizon only: that a month has closed meanwhile is no change of plan. Both plans are stacked and
-- added up per activity, series and month, so that what only one of them has does not fall out.
with

cycle as (select * from {{ ref('dim_cycle') }}),

plans as (select * from {{ ref('fct_activity_plans') }}),

released as (select * from {{ ref('released_activity_plans') }}),

-- Without an earlier plan nothing can differ from it.
earlier_cycle as (

    select max(cycle_id) as cycle_id
    from released

),

stacked as (

    select
        activity_id,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        activity_type,
        activity_name,
        owner,
        1 as is_now,
        uplift_units,
        expected_uplift_units,
        cast(0 as decimal(18, 3)) as before_uplift_units,
        cast(0 as decimal(18, 3)) as before_expected_uplift_units
    from plans
    where activity_status in ('planned', 'confirmed')

    union all

    select
        activity_id,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        activity_type,
        activity_name,
        owner,
        0 as is_now,
        cast(0 as decimal(18, 3)) as uplift_units,
        cast(0 as decimal(18, 3)) as expected_uplift_units,
        uplift_units as before_uplift_units,
        expected_uplift_units as before_expected_uplift_units
    from released
    where activity_status in ('planned', 'confirmed')

),

by_month as (

    select
        activity_id,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        max(activity_type) as activity_type,
        max(activity_name) as activity_name,
        max(owner) as owner,
        max(is_now) as is_now,
        max(1 - is_now) as is_before,
        sum(uplift_units) as uplift_units,
        sum(expected_uplift_units) as expected_uplift_units,
        sum(before_uplift_units) as before_uplift_units,
        sum(before_expected_uplift_units) as before_expected_uplift_units
    from stacked
    group by activity_id, item_id, site_id, channel_id, period_start_date

),

by_series as (

    select
        activity_id,
        item_id,
        site_id,
        channel_id,
        max(activity_type) as activity_type,
        max(activity_name) as activity_name,
        max(owner) as owner,
        max(is_now) as is_now,
        max(is_before) as is_before,
        max(case when is_now <> is_before then 1 else 0 end) as has_other_months,
        min(case when is_now = 1 then period_start_date end) as first_period_start_date,
        max(case when is_now = 1 then period_start_date end) as last_period_start_date,
        min(case when is_before = 1 then period_start_date end) as before_first_period_start_date,
        max(case when is_before = 1 then period_start_date end) as before_last_period_start_date,
        min(case when expected_uplift_units <> before_expected_uplift_units or uplift_units <> before_uplift_units
            or is_now <> is_before then period_start_date end) as first_changed_period_start_date,
        sum(uplift_units) as uplift_units,
        sum(expected_uplift_units) as expected_uplift_units,
        sum(before_uplift_units) as before_uplift_units,
        sum(before_expected_uplift_units) as before_expected_uplift_units
    from by_month
    group by activity_id, item_id, site_id, channel_id

),

final as (

    select
        cycle.cycle_id,
        earlier_cycle.cycle_id as compared_cycle_id,
        by_series.activity_id,
        by_series.item_id,
        by_series.site_id,
        by_series.channel_id,
        by_series.activity_type,
        by_series.activity_name,
        by_series.owner,
        case
            when by_series.is_before = 0 then 'new'
            when by_series.is_now = 0 then 'dropped'
            when by_series.has_other_months = 1 then 'moved'
            else 'changed'
        end as delta_type,
        by_series.first_period_start_date,
        by_series.last_period_start_date,
        by_series.before_first_period_start_date,
        by_series.before_last_period_start_date,
        by_series.first_changed_period_start_date,
        by_series.uplift_units,
        by_series.before_uplift_units,
        by_series.expected_uplift_units - by_series.before_expected_uplift_units as expected_change_units,
        by_series.first_changed_period_start_date
        < {{ months_after('cycle.cycle_start_date', 'cycle.frozen_months') }} as is_in_frozen_zone
    from by_series
    cross join cycle
    inner join earlier_cycle on earlier_cycle.cycle_id is not null
    where by_series.first_changed_period_start_date is not null

)

{{ select_contract('final') }}
