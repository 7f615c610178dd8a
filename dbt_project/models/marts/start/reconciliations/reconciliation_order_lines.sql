with

cycle as (select * from {{ ref('dim_cycle') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

balances as (

    select
        order_lines.site_id as object_id,
        {{ month_of('order_lines.demand_date') }} as period_start_date,
        order_lines.ordered_units,
        order_lines.shipped_units,
        -- what did not leave is still owed, or will never be
        case when order_lines.ordered_units > order_lines.shipped_units then order_lines.ordered_units - order_lines.shipped_units else 0 end as other_units
    from order_lines
    inner join cycle
        on order_lines.demand_date < cycle.cycle_start_date
        and order_lines.demand_date >= {{ months_after('cycle.cycle_start_date', '-' ~ review_months()) }}

)

select
    object_id,
    period_start_date,
    sum(ordered_units) as left_value,
    sum(shipped_units + other_units) as right_value,
    sum(abs(ordered_units - shipped_units - other_units)) as difference,
    count(*) as checked_count,
    sum(case when ordered_units <> shipped_units + other_units then 1 else 0 end) as differing_count,
    cast(null as {{ dbt.type_string() }}) as currency_code
from balances
group by object_id, period_start_date
