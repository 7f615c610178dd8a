with

headcount as (select * from {{ source('planning', 'headcount_plan') }}),

groups as (select * from {{ ref('fct_labour_groups') }}),

resources as (select * from {{ ref('dim_resources') }}),

labour_plan as (

    select
        headcount.cycle_id,
        headcount.scenario_id,
        headcount.resource_id,
        resources.resource_name,
        resources.site_id,
        headcount.period_start_date,
        headcount.opening_heads,
        headcount.hired_heads,
        headcount.laid_off_heads,
        headcount.heads,
        headcount.regular_hours,
        {{ product('headcount.heads', 'groups.regular_cost_per_head', 'decimal(18,2)') }} as wages,
        cast(
            headcount.hired_heads * groups.hire_cost_per_head + headcount.laid_off_heads * groups.layoff_cost_per_head
            as decimal(18, 2)
        ) as change_cost
    from headcount
    inner join groups on headcount.resource_id = groups.resource_id
    inner join resources on headcount.resource_id = resources.resource_id

)

{{ select_contract('labour_plan') }}
