with periods as (
    select * from {{ ref('dim_periods') }}
),

activities as (
    select * from {{ ref('activities') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

series as (
    select distinct item_id, site_id, channel_id from order_lines
),

-- An activity holds at every site that has sold the item to its channel.
running as (
    select
        activities.activity_id,
        series.item_id,
        series.site_id,
        series.channel_id,
        periods.period_start_date,
        activities.activity_type,
        activities.activity_name,
        periods.is_horizon,
        periods.period_days,
        case when activities.start_date > periods.period_start_date then activities.start_date else periods.period_start_date end
            as first_date,
        case when activities.end_date < periods.period_end_date then activities.end_date else periods.period_end_date end
            as last_date
    from activities
    inner join series
        on activities.item_id = series.item_id
        and activities.channel_id = series.channel_id
    inner join periods
        on activities.start_date <= periods.period_end_date
        and activities.end_date >= periods.period_start_date
),

monthly as (
    select
        activity_id,
        item_id,
        site_id,
        channel_id,
        period_start_date,
        activity_type,
        activity_name,
        is_horizon,
        {{ ratio(dbt.datediff('first_date', 'last_date', 'day') ~ ' + 1', 'period_days') }} as active_ratio
    from running
)

{{ select_contract('monthly') }}
