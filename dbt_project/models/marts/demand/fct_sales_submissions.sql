-- Expected of every account that handed in a forecast in this cycle or in one of the half year before it.
with

inputs as (select * from {{ source('planning', 'sales_inputs') }}),

submitters as (select * from {{ source('planning', 'sales_submitters') }}),

published as (select * from {{ source('published', 'fct_sales_forecasts') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

earlier as (

    select distinct
        published.customer_group,
        published.site_id,
        published.channel_id,
        published.submitter,
        coalesce(published.level, 'item') as level
    from published
    cross join cycle
    where
        {{ cycle_month('published.cycle_id') }} < cycle.cycle_start_date
        and {{ cycle_month('published.cycle_id') }} >= {{ months_after('cycle.cycle_start_date', -6) }}

),

this_cycle as (

    select
        customer_group,
        site_id,
        channel_id,
        submitter,
        level,
        count(*) as submitted_rows,
        count(distinct item_id) as submitted_items,
        count(distinct period_start_date) as submitted_months,
        sum(case when input_state = 'applied' then 1 else 0 end) as applied_rows,
        max(submitted_at) as last_submitted_at,
        max(case when submission_state = 'late' then 1 else 0 end) as late_rows,
        max(case when submission_state = 'on_time' then 1 else 0 end) as on_time_rows
    from inputs
    where input_state <> 'closed_month'
    group by customer_group, site_id, channel_id, submitter, level

),

expected as (

    select * from earlier
    union
    select
        customer_group,
        site_id,
        channel_id,
        submitter,
        level
    from this_cycle

),

judged as (

    select
        cycle.cycle_id,
        expected.customer_group,
        expected.site_id,
        expected.channel_id,
        expected.submitter,
        expected.level,
        coalesce(this_cycle.submitted_rows, 0) as submitted_rows,
        coalesce(this_cycle.submitted_items, 0) as submitted_items,
        coalesce(this_cycle.submitted_months, 0) as submitted_months,
        coalesce(this_cycle.applied_rows, 0) as applied_rows,
        this_cycle.last_submitted_at,
        case
            when this_cycle.submitted_rows is null then 'missing'
            when this_cycle.late_rows = 1 then 'late'
            when this_cycle.on_time_rows = 1 then 'on_time'
            else 'stale'
        end as submission_state,
        submitters.measured_count,
        submitters.measured_months,
        submitters.raw_bias_ratio,
        submitters.bias_standard_error,
        submitters.bias_ratio,
        submitters.bias_rank,
        submitters.error_ratio,
        submitters.corrected_error_ratio,
        submitters.base_error_ratio,
        submitters.weighed_count,
        submitters.weight_ratio,
        submitters.weight_basis
    from expected
    cross join cycle
    left join this_cycle
        on expected.customer_group = this_cycle.customer_group
        and expected.site_id = this_cycle.site_id
        and expected.channel_id = this_cycle.channel_id
        and expected.submitter = this_cycle.submitter
        and expected.level = this_cycle.level
    left join submitters
        on expected.submitter = submitters.submitter
        and expected.level = submitters.level

),

submissions as (

    select
        judged.*,
        judged.submission_state = 'on_time' as is_on_time,
        {{ ratio("sum(case when judged.submission_state = 'on_time' then 1 else 0 end) over ()", 'count(*) over ()') }} as on_time_ratio
    from judged

)

{{ select_contract('submissions') }}
