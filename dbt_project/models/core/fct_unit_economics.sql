with cycle as (
    select * from {{ ref('dim_cycle') }}
),

items as (
    select * from {{ ref('items') }}
),

sites as (
    select * from {{ ref('sites') }}
),

demand_history as (
    select * from {{ ref('fct_demand_history') }}
),

order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

prices as (
    select * from {{ ref('prices') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

unit_costs as (
    select * from {{ ref('fct_unit_costs') }}
),

named as (
    select item_id, site_id, channel_id from order_lines
    union
    select item_id, site_id, channel_id from {{ source('planner', 'npd_plans') }}
    union
    select item_id, site_id, channel_id from {{ source('planner', 'activity_plans') }}
    union
    select item_id, site_id, channel_id from {{ source('planner', 'sales_forecasts') }}
),

streams as (
    select
        named.item_id,
        named.site_id,
        named.channel_id
    from named
    inner join items on named.item_id = items.item_id
    inner join sites on named.site_id = sites.site_id
),

last_year_months as (
    select demand_history.*
    from demand_history
    cross join cycle
    where demand_history.period_start_date >= {{ months_after('cycle.cycle_start_date', -12) }}
),

days as (
    select cycle_start_date as list_date from cycle
    union
    select period_start_date as list_date from last_year_months
),

-- A list in the company's currency goes before lists in others. All at the rate of the cycle: a list moves when it is set
-- anew, not with a currency.
ranked_lists as (
    select
        days.list_date,
        prices.item_id,
        prices.channel_id,
        {{ in_company_currency('prices.unit_price', 'fx_rates.rate', 'decimal(18,6)') }} as unit_price,
        row_number() over (
            partition by days.list_date, prices.item_id, prices.channel_id
            order by
                case when prices.currency_code = cycle.company_currency_code then 0 else 1 end,
                prices.valid_from_date desc,
                prices.currency_code
        ) as price_rank
    from prices
    cross join cycle
    cross join days
    left join fx_rates
        on prices.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
    where {{ in_force('days.list_date', 'prices') }}
),

lists as (
    select
        list_date,
        item_id,
        channel_id,
        unit_price
    from ranked_lists
    where price_rank = 1 and unit_price > 0
),

list_prices as (
    select lists.item_id, lists.channel_id, lists.unit_price
    from lists
    inner join cycle on lists.list_date = cycle.cycle_start_date
),

-- What customers paid of the list of their month, they pay of today's. Without a list in both, what they paid.
last_year as (
    select
        last_year_months.item_id,
        last_year_months.site_id,
        last_year_months.channel_id,
        sum({{ product(
            'last_year_months.revenue',
            'coalesce(cast(list_prices.unit_price as double precision) / cast(lists.unit_price as double precision), 1)',
        ) }}) as revenue,
        sum(last_year_months.ordered_units) as ordered_units
    from last_year_months
    left join lists
        on last_year_months.item_id = lists.item_id
        and last_year_months.channel_id = lists.channel_id
        and last_year_months.period_start_date = lists.list_date
    left join list_prices
        on last_year_months.item_id = list_prices.item_id
        and last_year_months.channel_id = list_prices.channel_id
    group by last_year_months.item_id, last_year_months.site_id, last_year_months.channel_id
),

-- What the channel pays elsewhere stands in for a site that sold nothing.
last_year_by_channel as (
    select
        item_id,
        channel_id,
        sum(revenue) as revenue,
        sum(ordered_units) as ordered_units
    from last_year
    group by item_id, channel_id
),

candidates as (
    select
        streams.item_id,
        streams.site_id,
        streams.channel_id,
        coalesce(
            {{ ratio('last_year.revenue', 'last_year.ordered_units') }},
            {{ ratio('last_year_by_channel.revenue', 'last_year_by_channel.ordered_units') }}
        ) as realised_price,
        list_prices.unit_price as list_price,
        coalesce(unit_costs.unit_cost, 0) as unit_cost
    from streams
    cross join cycle
    left join last_year
        on streams.item_id = last_year.item_id
        and streams.site_id = last_year.site_id
        and streams.channel_id = last_year.channel_id
    left join last_year_by_channel
        on streams.item_id = last_year_by_channel.item_id
        and streams.channel_id = last_year_by_channel.channel_id
    left join list_prices
        on streams.item_id = list_prices.item_id
        and streams.channel_id = list_prices.channel_id
    left join unit_costs
        on streams.item_id = unit_costs.item_id
        and streams.site_id = unit_costs.site_id
        and cycle.cycle_start_date between unit_costs.valid_from_date and unit_costs.valid_to_date
),

economics as (
    select
        item_id,
        site_id,
        channel_id,
        coalesce(realised_price, list_price, 0) as unit_price,
        unit_cost,
        case
            when realised_price is not null then 'realised'
            when list_price is not null then 'list'
            else 'none'
        end as price_basis
    from candidates
)

{{ select_contract('economics') }}
