-- The twelve closed months before the cycle: what each customer buys in a channel, how steadily, how soon it wants the
-- goods, and how it is served. Customers are keys here, no names: a release travels.
with

cycle as (select * from {{ ref('dim_cycle') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

items as (select * from {{ ref('dim_items') }}),

customers as (select * from {{ ref('dim_customers') }}),

parameters as (select * from {{ ref('fct_parameters') }}),

service_targets as (select * from {{ source('planner', 'service_targets') }}),

company_target as (

    select coalesce(
        (select max(service_targets.cycle_service_ratio) from service_targets where service_targets.family_id = 'all'),
        (select max(parameters.parameter_value) from parameters
            where parameters.parameter_id = 'cycle_service_ratio' and parameters.scope = 'company')
    ) as cycle_service_ratio

),

lines as (

    select
        order_lines.customer_id,
        order_lines.channel_id,
        order_lines.order_id,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        {{ dbt.datediff('order_lines.ordered_date', 'order_lines.requested_date', 'day') }} as requested_days,
        order_lines.demand_date < cycle.cycle_start_date
            and order_lines.demand_date >= {{ a_year_before('cycle') }} as is_demand_of_the_year,
        order_lines.requested_date < cycle.cycle_start_date
            and order_lines.requested_date >= {{ a_year_before('cycle') }} as is_due_in_the_year,
        order_lines.ordered_units,
        order_lines.net_amount,
        case when order_lines.shipped_by_requested_units >= order_lines.ordered_units then 1 else 0 end as is_otif,
        coalesce(service_targets.cycle_service_ratio, company_target.cycle_service_ratio) as target_ratio
    from order_lines
    cross join cycle
    cross join company_target
    left join items on order_lines.item_id = items.item_id
    left join service_targets on items.family_id = service_targets.family_id
    where order_lines.order_type = 'order' and not order_lines.is_cancelled

),

by_month as (

    select
        customer_id,
        channel_id,
        period_start_date,
        sum(ordered_units) as ordered_units
    from lines
    where is_demand_of_the_year
    group by customer_id, channel_id, period_start_date

),

-- Months without an order are months of 0.
variation as (

    select
        customer_id,
        channel_id,
        count(*) as months_with_orders,
        sum(ordered_units) as units_sum,
        sum(cast(ordered_units as double precision) * cast(ordered_units as double precision)) as units_square_sum
    from by_month
    group by customer_id, channel_id

),

ranked_days as (

    select
        customer_id,
        channel_id,
        requested_days,
        row_number() over (partition by customer_id, channel_id order by requested_days) as days_rank,
        count(*) over (partition by customer_id, channel_id) as line_count
    from lines
    where is_demand_of_the_year

),

median_days as (

    select
        customer_id,
        channel_id,
        {{ ratio('sum(requested_days)', 'count(*)', 'decimal(18,1)') }} as requested_lead_time_days
    from ranked_days
    where 2 * days_rank in (line_count, line_count + 1, line_count + 2)
    group by customer_id, channel_id

),

volumes as (

    select
        customer_id,
        channel_id,
        sum(case when is_demand_of_the_year then 1 else 0 end) as order_lines,
        count(distinct case when is_demand_of_the_year then order_id end) as orders,
        sum(case when is_demand_of_the_year then ordered_units else 0 end) as ordered_units,
        sum(case when is_demand_of_the_year then net_amount else 0 end) as revenue,
        sum(case when is_due_in_the_year then is_otif else 0 end) as otif_lines,
        sum(case when is_due_in_the_year then 1 else 0 end) as due_lines,
        sum(case when is_demand_of_the_year then {{ product('ordered_units', 'target_ratio', 'decimal(18,3)') }} else 0 end)
            as target_units
    from lines
    where is_demand_of_the_year or is_due_in_the_year
    group by customer_id, channel_id

),

shares as (

    select
        volumes.*,
        sum(revenue) over (
            order by revenue desc, customer_id, channel_id rows between unbounded preceding and current row
        ) - revenue as revenue_before,
        sum(revenue) over () as company_revenue
    from volumes

),

final as (

    select
        cycle.cycle_id,
        shares.customer_id,
        shares.channel_id,
        coalesce(customers.customer_group, 'unknown') as customer_group,
        coalesce(customers.region_id, 'unknown') as region_id,
        shares.orders,
        shares.order_lines,
        shares.ordered_units,
        shares.revenue,
        {{ ratio('shares.revenue', 'shares.company_revenue') }} as revenue_ratio,
        coalesce(variation.months_with_orders, 0) as months_with_orders,
        case when variation.units_sum > 0 then {{ rounded(
            'sqrt(greatest(12 * variation.units_square_sum - cast(variation.units_sum as double precision) * cast(variation.units_sum as double precision), 0)) / cast(variation.units_sum as double precision)',
            'decimal(18,6)') }} end as variation_ratio,
        median_days.requested_lead_time_days,
        {{ ratio('shares.target_units', 'shares.ordered_units') }} as otif_target_ratio,
        {{ ratio('shares.otif_lines', 'shares.due_lines') }} as otif_ratio,
        shares.due_lines,
        case
            when shares.revenue_before < 0.80 * shares.company_revenue then 'A'
            when shares.revenue_before < 0.95 * shares.company_revenue then 'B'
            else 'C'
        end as abc_class
    from shares
    cross join cycle
    left join customers on shares.customer_id = customers.customer_id
    left join variation on shares.customer_id = variation.customer_id and shares.channel_id = variation.channel_id
    left join median_days on shares.customer_id = median_days.customer_id and shares.channel_id = median_days.channel_id

)

{{ select_contract('final') }}
