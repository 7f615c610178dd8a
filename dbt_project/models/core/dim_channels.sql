{% set defaults = channel_defaults() %}
with priorities as (
    select * from {{ source('planner', 'priorities') }}
),

named as (
    select channel_id from {{ ref('customers') }}
    union
    select channel_id from {{ ref('sales_order_lines') }}
    union
    select channel_id from {{ ref('invoice_lines') }}
    union
    select channel_id from {{ ref('prices') }}
    union
    select channel_id from {{ source('planner', 'npd_plans') }}
    union
    select channel_id from {{ source('planner', 'activity_plans') }}
    union
    select channel_id from priorities
),

last_priority as (
    select coalesce(max(priority), 0) as priority from priorities
),

ranked as (
    select
        named.channel_id,
        coalesce(priorities.priority, last_priority.priority + 1) as priority,
        coalesce(priorities.backlog_cost_ratio, {{ defaults.backlog_cost_ratio }}) as backlog_cost_ratio,
        coalesce(priorities.lost_sale_cost_ratio, {{ defaults.lost_sale_cost_ratio }}) as lost_sale_cost_ratio,
        coalesce(priorities.backlog_maximum_ratio, {{ defaults.backlog_maximum_ratio }}) as backlog_maximum_ratio
    from named
    cross join last_priority
    left join priorities on named.channel_id = priorities.channel_id
)

{{ select_contract('ranked') }}
