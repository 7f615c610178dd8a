with

cycle as (select * from {{ ref('dim_cycle') }}),

costs as (select * from {{ ref('standard_costs') }}),

items as (select * from {{ ref('dim_items') }}),

lines as (select * from {{ ref('purchase_order_lines') }}),

fx_rates as (select * from {{ ref('fct_fx_rates') }}),

-- The cost in force: the latest that has begun, else the first to come.
ranked as (

    select
        costs.item_id,
        costs.site_id,
        costs.unit_cost,
        costs.cost_basis,
        row_number() over (
            partition by costs.item_id, costs.site_id
            order by
                case when costs.valid_from_date <= cycle.cycle_start_date then 0 else 1 end,
                case when costs.valid_from_date <= cycle.cycle_start_date then costs.valid_from_date end desc,
                costs.valid_from_date
        ) as place
    from costs
    cross join cycle

),

purchases as (

    select
        lines.item_id,
        lines.site_id,
        sum({{ in_company_currency('lines.net_amount', 'fx_rates.rate') }}) as value
    from lines
    inner join cycle
        on lines.ordered_date >= {{ a_year_before('cycle') }}
        and lines.ordered_date < cycle.cycle_start_date
    left join fx_rates
        on lines.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
    group by lines.item_id, lines.site_id

),

found as (

    select
        ranked.item_id || ' @ ' || ranked.site_id as object_id,
        ranked.item_id,
        cast(null as decimal(18, 3)) as quantity,
        purchases.value,
        items.item_name || ': planned at ' || {{ number_words('ranked.unit_cost', 4) }} || ', '
        || case ranked.cost_basis
            when 'purchase_price' then 'the price of its first supplier'
            when 'roll_up' then 'the sum of its parts'
            when 'declared' then 'a declared value'
            else 'nothing stands in'
        end as evidence
    from ranked
    inner join items on ranked.item_id = items.item_id
    left join purchases
        on ranked.item_id = purchases.item_id
        and ranked.site_id = purchases.site_id
    where ranked.place = 1 and ranked.cost_basis <> 'stated'

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
