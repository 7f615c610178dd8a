{#- Cost terms of the plan by the column that shows them. A term that planning adds and this list lacks fails the data test
    finance_carries_every_plan_cost. -#}
{%- set cost_columns = {
    'production_cost': ['production'],
    'purchase_cost': ['purchase', 'subcontracting'],
    'freight_cost': ['freight'],
    'regular_labour_cost': ['regular_labour', 'wages', 'hiring', 'layoff'],
    'overtime_cost': ['overtime'],
    'holding_cost': ['holding', 'outside_storage'],
    'service_penalty': ['below_target', 'above_maximum', 'backlog', 'lost_sales', 'off_share', 'too_old'],
} -%}
{%- set demand_columns = ['revenue', 'unconstrained_revenue', 'standard_cost_of_sales'] -%}
{%- set keys = ['cycle_id', 'scenario_id', 'family_id', 'category_id', 'period_start_date'] -%}
{%- set amounts = demand_columns + (cost_columns | list) + ['inventory_value'] -%}
with

demand as (select * from {{ ref('fct_constrained_demand') }}),

plan_costs as (select * from {{ source('planning', 'plan_costs') }}),

inventory as (select * from {{ ref('fct_inventory_projection') }}),

items as (select * from {{ ref('dim_items') }}),

goals as (select * from {{ ref('fct_goals') }}),

sales_lines as (

    select
        {{ keys | join(', ') }},
        constrained_revenue as revenue,
        unconstrained_revenue,
        standard_cost_of_sales
    from demand

),

cost_lines as (

    select
        plan_costs.cycle_id,
        plan_costs.scenario_id,
        coalesce(items.family_id, 'shared') as family_id,
        coalesce(items.category_id, 'shared') as category_id,
        plan_costs.period_start_date
        {%- for column, terms in cost_columns.items() %},
        case
            when plan_costs.cost_term in ('{{ terms | join("', '") }}') then plan_costs.amount
            else 0
        end as {{ column }}
        {%- endfor %}
    from plan_costs
    left join items on plan_costs.item_id = items.item_id

),

inventory_lines as (

    select
        {{ keys | join(', ') }},
        inventory_value
    from inventory

),

{% set lines = {
    'sales_lines': demand_columns, 'cost_lines': cost_columns | list, 'inventory_lines': ['inventory_value']
} -%}
stacked as (
    {% for line, columns in lines.items() %}
    select
        {{ keys | join(', ') }}
        {%- for amount in amounts %},
        cast({{ amount if amount in columns else 0 }} as decimal(18, 4)) as {{ amount }}
        {%- endfor %}
    from {{ line }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

by_family as (

    select
        {{ keys | join(', ') }}
        {%- for amount in amounts %},
        sum({{ amount }}) as {{ amount }}
        {%- endfor %}
    from stacked
    group by {{ keys | join(', ') }}

),

budgets as (

    select
        level_id as family_id,
        period_start_date,
        sum(case when metric = 'revenue' then goal_value end) as budget_revenue,
        sum(case when metric = 'gross_margin' then goal_value end) as budget_gross_margin
    from goals
    where goal_version = 'budget' and level = 'family'
    group by level_id, period_start_date

),

with_plan_cost as (

    select
        by_family.*,
        production_cost + purchase_cost + freight_cost + regular_labour_cost + overtime_cost + holding_cost as plan_cost
    from by_family

),

financial_projection as (

    select
        with_plan_cost.cycle_id,
        with_plan_cost.scenario_id,
        with_plan_cost.family_id,
        with_plan_cost.category_id,
        with_plan_cost.period_start_date,
        with_plan_cost.revenue,
        with_plan_cost.unconstrained_revenue,
        with_plan_cost.standard_cost_of_sales,
        with_plan_cost.revenue - with_plan_cost.standard_cost_of_sales as standard_gross_margin,
        with_plan_cost.production_cost,
        with_plan_cost.purchase_cost,
        with_plan_cost.freight_cost,
        with_plan_cost.regular_labour_cost,
        with_plan_cost.overtime_cost,
        with_plan_cost.holding_cost,
        with_plan_cost.service_penalty,
        with_plan_cost.plan_cost,
        with_plan_cost.revenue - with_plan_cost.plan_cost as plan_margin,
        with_plan_cost.inventory_value,
        budgets.budget_revenue,
        budgets.budget_gross_margin
    from with_plan_cost
    left join budgets
        on
            with_plan_cost.family_id = budgets.family_id
            and with_plan_cost.period_start_date = budgets.period_start_date

)

{{ select_contract('financial_projection') }}
