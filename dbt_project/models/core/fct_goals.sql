with cycle as (
    select * from {{ ref('dim_cycle') }}
),

planner_goals as (
    select * from {{ source('planner', 'goals') }}
),

erp_goals as (
    select * from {{ ref('goals') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

-- What people have set goes before what the ERP carries.
goals as (
    select goal_version, metric, level, level_id, period_start_date, goal_value, currency_code from planner_goals

    union all

    select
        erp_goals.goal_version,
        erp_goals.metric,
        erp_goals.level,
        erp_goals.level_id,
        erp_goals.period_start_date,
        erp_goals.goal_value,
        erp_goals.currency_code
    from erp_goals
    left join planner_goals
        on erp_goals.goal_version = planner_goals.goal_version
        and erp_goals.metric = planner_goals.metric
        and erp_goals.level = planner_goals.level
        and erp_goals.level_id = planner_goals.level_id
        and erp_goals.period_start_date = planner_goals.period_start_date
    where planner_goals.level_id is null
),

-- Goals are held at one rate, that of the cycle, so that a gap to goal is business and not currency.
converted as (
    select
        goals.goal_version,
        goals.metric,
        goals.level,
        goals.level_id,
        goals.period_start_date,
        case
            when goals.metric = 'units' or goals.currency_code is null then goals.goal_value
            else {{ in_company_currency('goals.goal_value', 'fx_rates.rate') }}
        end as goal_value
    from goals
    cross join cycle
    left join fx_rates
        on goals.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
)

{{ select_contract('converted') }}
