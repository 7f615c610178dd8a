with resources as (
    select * from {{ ref('resources') }}
),

cycle as (
    select * from {{ ref('dim_cycle') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

priced as (
    select
        resources.resource_id,
        resources.resource_name,
        resources.site_id,
        resources.resource_type,
        coalesce(resources.capacity_basis, 'calendar') as capacity_basis,
        {{ in_company_currency('resources.cost_per_hour', 'fx_rates.rate', 'decimal(18,6)') }} as cost_per_hour
    from resources
    cross join cycle
    left join fx_rates
        on resources.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
)

{{ select_contract('priced') }}
