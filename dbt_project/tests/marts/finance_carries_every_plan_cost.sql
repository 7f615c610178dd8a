-- Every cost column adds up, to the last decimal, to the cost terms of the plan that it shows; a term that no column shows
-- is a difference in the total.
with

projection as (select * from {{ ref('fct_financial_projection') }}),

plan_costs as (select * from {{ source('planning', 'plan_costs') }}),

shown as (
    {%- for column in ['production_cost', 'purchase_cost', 'freight_cost', 'regular_labour_cost', 'overtime_cost', 'holding_cost', 'service_penalty'] %}
    select
        scenario_id,
        period_start_date,
        '{{ column }}' as cost_column,
        {{ column }} as amount
    from projection
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

planned as (

    select
        scenario_id,
        period_start_date,
        case
            when cost_term in ('wages', 'hiring', 'layoff') then 'regular_labour_cost'
            when cost_term = 'subcontracting' then 'purchase_cost'
            when cost_term = 'outside_storage' then 'holding_cost'
            when cost_term in ('production', 'purchase', 'freight', 'regular_labour', 'overtime', 'holding')
                then cost_term || '_cost'
            when cost_term in ('below_target', 'above_maximum', 'backlog', 'lost_sales', 'off_share', 'too_old') then 'service_penalty'
            else cost_term
        end as cost_column,
        -amount as amount
    from plan_costs

),

both_sides as (

    select * from shown
    union all
    select * from planned

)

select
    scenario_id,
    period_start_date,
    cost_column,
    sum(amount) as shown_minus_planned
from both_sides
group by scenario_id, period_start_date, cost_column
having sum(amount) <> 0
