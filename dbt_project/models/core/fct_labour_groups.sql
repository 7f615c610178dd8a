with cycle as (
    select * from {{ ref('dim_cycle') }}
),

labour_groups as (
    select * from {{ source('planner', 'labour_groups') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

groups as (
    select
        labour_groups.resource_id,
        labour_groups.opening_heads,
        labour_groups.minimum_heads,
        labour_groups.maximum_heads,
        labour_groups.hours_per_head,
        labour_groups.overtime_hours_per_head,
        {{ in_company_currency('labour_groups.regular_cost_per_head', 'fx_rates.rate', 'decimal(18,4)') }} as regular_cost_per_head,
        {{ in_company_currency('labour_groups.hire_cost_per_head', 'fx_rates.rate', 'decimal(18,4)') }} as hire_cost_per_head,
        {{ in_company_currency('labour_groups.layoff_cost_per_head', 'fx_rates.rate', 'decimal(18,4)') }} as layoff_cost_per_head
    from labour_groups
    cross join cycle
    left join fx_rates
        on labour_groups.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
)

{{ select_contract('groups') }}
