with

capacity as (select * from {{ ref('fct_capacity') }}),

periods as (select * from {{ ref('dim_periods') }}),

resources as (select * from {{ ref('dim_resources') }}),

-- Somebody who answers for it said that there are none, and why.
said as (

    select
        object_id as resource_id,
        period_start_date
    from {{ ref('fct_capacity_overrides') }}
    where capacity_type = 'resource' and available_quantity = 0 and reason is not null

),

empty_months as (

    select
        capacity.resource_id,
        count(*) as months,
        min(capacity.period_start_date) as first_month
    from capacity
    inner join periods on capacity.period_start_date = periods.period_start_date
    left join said
        on capacity.resource_id = said.resource_id
        and capacity.period_start_date = said.period_start_date
    where periods.is_horizon and capacity.regular_hours = 0 and said.resource_id is null
    group by capacity.resource_id

),

found as (

    select
        empty_months.resource_id as object_id,
        cast(null as varchar) as item_id,
        empty_months.months as quantity,
        cast(null as decimal(18, 4)) as value,
        resources.resource_name || ': no hours in ' || {{ count_words('empty_months.months', 'months') }} || ', the first '
        || {{ month_words('empty_months.first_month') }} as evidence
    from empty_months
    inner join resources on empty_months.resource_id = resources.resource_id

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
