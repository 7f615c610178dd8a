-- Each stream says what a quarter of the horizon will sell; two that differ by more than declared are a conflict, opened by
-- itself. A budget knows no channels: it is held against the streams of the whole family (channel `all`).
{% set streams = ['statistical', 'marketing', 'sales', 'final'] %}
{% set pairs = [
    ('statistical', 'marketing'), ('statistical', 'sales'), ('statistical', 'budget'), ('statistical', 'final'), ('marketing', 'sales'),
    ('marketing', 'budget'), ('marketing', 'final'), ('sales', 'budget'), ('sales', 'final'), ('budget', 'final'),
] %}
with

cycle as (select * from {{ ref('dim_cycle') }}),

demand_plan as (

    select *
    from {{ ref('fct_demand_plan') }}
    where not is_history

),

activity_plans as (select * from {{ ref('fct_activity_plans') }}),

sales_forecasts as (select * from {{ ref('fct_sales_forecasts') }}),

goals as (select * from {{ ref('fct_goals') }}),

parameters as (select * from {{ ref('fct_parameters') }}),

decisions as (select * from {{ source('planner', 'decisions') }}),

issues as (select * from {{ source('planner', 'issues') }}),

-- Marketing hopes for the whole uplift; the plan counts it with its confidence.
hoped as (

    select
        activity_plans.item_id,
        activity_plans.site_id,
        activity_plans.channel_id,
        activity_plans.period_start_date,
        sum(activity_plans.uplift_units) as uplift_units
    from activity_plans
    where activity_plans.activity_status in ('planned', 'confirmed')
    group by activity_plans.item_id, activity_plans.site_id, activity_plans.channel_id, activity_plans.period_start_date

),

-- Sales speaks of its accounts only, as submitted; of the rest it says what the layers below it say.
submitted as (

    select
        sales_forecasts.item_id,
        sales_forecasts.site_id,
        sales_forecasts.channel_id,
        sales_forecasts.period_start_date,
        sum(sales_forecasts.forecast_units - sales_forecasts.base_units) as difference_units
    from sales_forecasts
    where sales_forecasts.input_state = 'applied'
    group by
        sales_forecasts.item_id, sales_forecasts.site_id, sales_forecasts.channel_id, sales_forecasts.period_start_date

),

series_streams as (

    select
        demand_plan.family_id,
        demand_plan.channel_id,
        demand_plan.period_start_date,
        demand_plan.unit_price,
        demand_plan.statistical_units,
        demand_plan.statistical_units + demand_plan.launch_units + coalesce(hoped.uplift_units, 0) as marketing_units,
        demand_plan.statistical_units + demand_plan.launch_units + demand_plan.activity_units
        + coalesce(submitted.difference_units, 0) as sales_units,
        demand_plan.forecast_units as final_units
    from demand_plan
    left join hoped
        on
            demand_plan.item_id = hoped.item_id
            and demand_plan.site_id = hoped.site_id
            and demand_plan.channel_id = hoped.channel_id
            and demand_plan.period_start_date = hoped.period_start_date
    left join submitted
        on
            demand_plan.item_id = submitted.item_id
            and demand_plan.site_id = submitted.site_id
            and demand_plan.channel_id = submitted.channel_id
            and demand_plan.period_start_date = submitted.period_start_date

),

stacked as (
    {% for stream in streams %}
    select
        '{{ stream }}' as stream,
        family_id,
        channel_id,
        period_start_date,
        {{ stream }}_units as units,
        {{ product(stream ~ '_units', 'coalesce(unit_price, 0)') }} as revenue
    from series_streams
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

horizon_months as (

    select distinct
        family_id,
        period_start_date
    from stacked

),

-- Of a family: in units where the budget has them, else in money.
budget_months as (

    select
        goals.level_id as family_id,
        goals.period_start_date,
        sum(case when goals.metric = 'units' then goals.goal_value end) as units,
        sum(case when goals.metric = 'revenue' then goals.goal_value end) as revenue
    from goals
    inner join horizon_months
        on goals.level_id = horizon_months.family_id and goals.period_start_date = horizon_months.period_start_date
    where goals.goal_version = 'budget' and goals.level = 'family' and goals.metric in ('units', 'revenue')
    group by goals.level_id, goals.period_start_date

),

-- One type for both: of decimals of two scales DuckDB keeps the smaller.
by_month as (

    select stream, family_id, channel_id, period_start_date, cast(units as decimal(18, 4)) as units, revenue
    from stacked
    union all
    select stream, family_id, 'all' as channel_id, period_start_date, cast(units as decimal(18, 4)) as units, revenue
    from stacked
    union all
    select
        'budget' as stream,
        family_id,
        'all' as channel_id,
        period_start_date,
        cast(units as decimal(18, 4)) as units,
        cast(revenue as decimal(18, 4)) as revenue
    from budget_months

),

by_quarter as (

    select
        stream,
        family_id,
        channel_id,
        cast({{ dbt.date_trunc('quarter', 'period_start_date') }} as date) as quarter_start_date,
        count(distinct period_start_date) as months,
        case when count(units) = count(*) then cast(sum(units) as decimal(18, 4)) end as units,
        case when count(revenue) = count(*) then cast(sum(revenue) as decimal(18, 4)) end as revenue
    from by_month
    group by stream, family_id, channel_id, cast({{ dbt.date_trunc('quarter', 'period_start_date') }} as date)

),

prices as (

    select
        family_id,
        channel_id,
        quarter_start_date,
        {{ ratio('revenue', 'units') }} as unit_price
    from by_quarter
    where stream = 'final'

),

pairs as (
    {% for party_a, party_b in pairs %}
    select
        party_a.family_id,
        party_a.channel_id,
        party_a.quarter_start_date,
        '{{ party_a }}' as party_a,
        '{{ party_b }}' as party_b,
        party_a.units as units_a,
        party_b.units as units_b,
        party_a.revenue as revenue_a,
        party_b.revenue as revenue_b
    from by_quarter as party_a
    inner join by_quarter as party_b
        on
            party_a.family_id = party_b.family_id
            and party_a.channel_id = party_b.channel_id
            and party_a.quarter_start_date = party_b.quarter_start_date
            and party_a.months = party_b.months
    where
        party_a.stream = '{{ party_a }}'
        and party_b.stream = '{{ party_b }}'
        {%- if 'budget' not in (party_a, party_b) %}
        and party_a.channel_id <> 'all'
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

compared as (

    select
        pairs.family_id,
        pairs.channel_id,
        pairs.quarter_start_date,
        pairs.party_a,
        pairs.party_b,
        case when pairs.units_a is not null and pairs.units_b is not null then 'units' else 'revenue' end as metric,
        case when pairs.units_a is not null and pairs.units_b is not null then pairs.units_a else pairs.revenue_a end as value_a,
        case when pairs.units_a is not null and pairs.units_b is not null then pairs.units_b else pairs.revenue_b end as value_b,
        prices.unit_price
    from pairs
    left join prices
        on
            pairs.family_id = prices.family_id
            and pairs.channel_id = prices.channel_id
            and pairs.quarter_start_date = prices.quarter_start_date

),

thresholds as (

    select
        max(case when scope = 'company' then parameter_value end) as company_ratio
    from parameters
    where parameter_id = 'conflict_minimum_ratio'

),

conflicts as (

    select
        compared.*,
        'CF:' || cast(extract(year from compared.quarter_start_date) as varchar) || '-Q'
        || cast(extract(quarter from compared.quarter_start_date) as varchar) || ':' || compared.family_id || '/'
        || compared.channel_id || ':' || compared.party_a || '-' || compared.party_b as conflict_id,
        compared.value_a - compared.value_b as difference_value,
        {{ ratio('compared.value_a - compared.value_b', 'greatest(abs(compared.value_a), abs(compared.value_b))') }} as difference_ratio,
        coalesce(family_thresholds.parameter_value, thresholds.company_ratio) as threshold_ratio
    from compared
    cross join thresholds
    left join parameters as family_thresholds
        on
            family_thresholds.parameter_id = 'conflict_minimum_ratio'
            and family_thresholds.scope = 'family'
            and compared.family_id = family_thresholds.scope_id
    where compared.value_a is not null and compared.value_b is not null

),

opened as (

    select *
    from conflicts
    where abs(difference_ratio) > threshold_ratio

),

-- Whoever decides names the conflict: a decision in its question, an issue in its evidence.
decided as (

    select
        opened.conflict_id,
        decisions.decision_id as record_id,
        decisions.chosen_option as resolution,
        decisions.approver as decided_by,
        case when decisions.decision_status in ('approved', 'rejected') then 1 else 2 end as record_rank
    from opened
    inner join decisions on {{ dbt.position('opened.conflict_id', 'decisions.question') }} > 0

    union all

    select
        opened.conflict_id,
        issues.issue_id as record_id,
        issues.resolution,
        issues.owner as decided_by,
        case when issues.issue_status in ('resolved', 'accepted') then 1 else 2 end as record_rank
    from opened
    inner join issues on {{ dbt.position('opened.conflict_id', 'issues.evidence') }} > 0

),

ranked as (

    select
        decided.*,
        row_number() over (partition by conflict_id order by record_rank, record_id) as record_number
    from decided

),

final as (

    select
        cycle.cycle_id,
        opened.conflict_id,
        opened.family_id,
        opened.channel_id,
        opened.quarter_start_date,
        opened.metric,
        opened.party_a,
        opened.value_a,
        opened.party_b,
        opened.value_b,
        opened.difference_value,
        opened.difference_ratio,
        opened.threshold_ratio,
        case
            when opened.metric = 'revenue' then cast(abs(opened.difference_value) as decimal(18, 4))
            else {{ product('abs(opened.difference_value)', 'coalesce(opened.unit_price, 0)') }}
        end as conflict_value,
        case
            when ranked.record_id is null then 'open'
            when ranked.record_rank = 1 then 'resolved'
            else 'in_discussion'
        end as conflict_status,
        ranked.record_id,
        case when ranked.record_rank = 1 then ranked.resolution end as resolution,
        case when ranked.record_rank = 1 then ranked.decided_by end as decided_by
    from opened
    cross join cycle
    left join ranked on opened.conflict_id = ranked.conflict_id and ranked.record_number = 1

)

{{ select_contract('final') }}
