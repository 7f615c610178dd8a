-- Shares of the last closed year: what an account takes of its series, and its group of all that the site sells to the channel.
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

sales_forecasts as (
    select * from {{ source('planner', 'sales_forecasts') }}
),

overrides as (
    select * from {{ source('planner', 'overrides') }}
),

level_forecasts as (
    select * from {{ source('planner', 'sales_level_forecasts') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

ordered as (
    select
        customers.customer_group,
        customers.region_id,
        order_lines.item_id,
        order_lines.site_id,
        order_lines.channel_id,
        order_lines.ordered_units
    from order_lines
    inner join cycle
        on order_lines.demand_date < cycle.cycle_start_date
        and order_lines.demand_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}
    left join customers on order_lines.customer_id = customers.customer_id
    where order_lines.order_type = 'order' and not order_lines.is_cancelled
),

regions_named as (
    select distinct level_id as region_id
    from level_forecasts
    where level = 'region'
),

groups_named as (
    select level_id as customer_group
    from overrides
    where level = 'customer_group'
    union
    select level_id as customer_group
    from level_forecasts
    where level = 'customer_group'
    union
    select customer_group
    from level_forecasts
    where customer_group is not null
),

-- Who buys: customer groups, and the regions that somebody speaks of.
demand as (
    select
        'customer_group' as account_type,
        customer_group,
        item_id,
        site_id,
        channel_id,
        ordered_units
    from ordered

    union all

    select
        'region' as account_type,
        ordered.region_id as customer_group,
        ordered.item_id,
        ordered.site_id,
        ordered.channel_id,
        ordered.ordered_units
    from ordered
    inner join regions_named on ordered.region_id = regions_named.region_id
),

by_account as (
    select
        account_type,
        customer_group,
        item_id,
        site_id,
        channel_id,
        sum(ordered_units) as account_units
    from demand
    group by account_type, customer_group, item_id, site_id, channel_id
),

accounts as (
    select
        'customer_group' as account_type,
        customer_group,
        item_id,
        site_id,
        channel_id
    from sales_forecasts

    union

    select
        by_account.account_type,
        by_account.customer_group,
        by_account.item_id,
        by_account.site_id,
        by_account.channel_id
    from by_account
    left join groups_named on by_account.customer_group = groups_named.customer_group
    where by_account.account_type = 'region' or groups_named.customer_group is not null
),

by_series as (
    select
        item_id,
        site_id,
        channel_id,
        sum(ordered_units) as series_units
    from ordered
    group by item_id, site_id, channel_id
),

by_group as (
    select
        account_type,
        customer_group,
        site_id,
        channel_id,
        sum(ordered_units) as group_units
    from demand
    group by account_type, customer_group, site_id, channel_id
),

by_stream as (
    select
        site_id,
        channel_id,
        sum(ordered_units) as stream_units
    from ordered
    group by site_id, channel_id
),

shares as (
    select
        accounts.account_type,
        accounts.customer_group,
        accounts.item_id,
        accounts.site_id,
        accounts.channel_id,
        coalesce(by_account.account_units, 0) as account_units,
        coalesce(by_series.series_units, 0) as series_units,
        coalesce(by_group.group_units, 0) as group_units,
        coalesce(by_stream.stream_units, 0) as stream_units
    from accounts
    left join by_account
        on accounts.account_type = by_account.account_type
        and accounts.customer_group = by_account.customer_group
        and accounts.item_id = by_account.item_id
        and accounts.site_id = by_account.site_id
        and accounts.channel_id = by_account.channel_id
    left join by_series
        on accounts.item_id = by_series.item_id
        and accounts.site_id = by_series.site_id
        and accounts.channel_id = by_series.channel_id
    left join by_group
        on accounts.account_type = by_group.account_type
        and accounts.customer_group = by_group.customer_group
        and accounts.site_id = by_group.site_id
        and accounts.channel_id = by_group.channel_id
    left join by_stream
        on accounts.site_id = by_stream.site_id
        and accounts.channel_id = by_stream.channel_id
)

{{ select_contract('shares') }}
