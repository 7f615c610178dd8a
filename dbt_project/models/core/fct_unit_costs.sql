with cycle as (
    select * from {{ ref('dim_cycle') }}
),

items as (
    select * from {{ ref('items') }}
),

sites as (
    select * from {{ ref('sites') }}
),

standard_costs as (
    select * from {{ ref('standard_costs') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

item_sites as (
    select item_id, site_id from {{ ref('item_sites') }}
    union
    select item_id, site_id from standard_costs
    union
    select item_id, site_id from {{ ref('inventory_snapshots') }}
    union
    select item_id, site_id from {{ ref('sales_order_lines') }}
    union
    select item_id, site_id from {{ ref('shipment_lines') }}
    union
    select item_id, site_id from {{ ref('invoice_lines') }}
    union
    select item_id, site_id from {{ source('planner', 'npd_plans') }}
    union
    select item_id, site_id from {{ source('planner', 'activity_plans') }}
),

-- One rate for all of them, that of the cycle: a standard cost moves when it is set anew, not with a currency.
priced as (
    select
        standard_costs.item_id,
        standard_costs.site_id,
        standard_costs.valid_from_date,
        {{ in_company_currency('standard_costs.unit_cost', 'fx_rates.rate', 'decimal(18,6)') }} as unit_cost
    from standard_costs
    cross join cycle
    left join fx_rates
        on standard_costs.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date
),

-- The first cost known also holds before its day.
valid as (
    select
        item_id,
        site_id,
        case
            when row_number() over (partition by item_id, site_id order by valid_from_date) = 1 then cast('1900-01-01' as date)
            else valid_from_date
        end as valid_from_date,
        lead(valid_from_date) over (partition by item_id, site_id order by valid_from_date) as next_valid_from_date,
        unit_cost
    from priced
),

-- A site without a cost of its own (a distribution centre) takes the item's at the first site that has one.
lending_sites as (
    select
        item_id,
        min(site_id) as site_id
    from standard_costs
    group by item_id
),

costed_sites as (
    select distinct item_id, site_id from standard_costs
),

bases as (
    select
        item_sites.item_id,
        item_sites.site_id,
        coalesce(costed_sites.site_id, lending_sites.site_id) as cost_site_id,
        case
            when costed_sites.site_id is not null then 'own'
            when lending_sites.site_id is not null then 'other_site'
            else 'none'
        end as cost_basis
    from item_sites
    inner join items on item_sites.item_id = items.item_id
    inner join sites on item_sites.site_id = sites.site_id
    left join costed_sites
        on item_sites.item_id = costed_sites.item_id
        and item_sites.site_id = costed_sites.site_id
    left join lending_sites on item_sites.item_id = lending_sites.item_id
),

costs as (
    select
        bases.item_id,
        bases.site_id,
        coalesce(valid.valid_from_date, cast('1900-01-01' as date)) as valid_from_date,
        cast(coalesce({{ dbt.dateadd('day', -1, 'valid.next_valid_from_date') }}, cast('9999-12-31' as date)) as date) as valid_to_date,
        coalesce(valid.unit_cost, 0) as unit_cost,
        bases.cost_basis
    from bases
    left join valid
        on bases.item_id = valid.item_id
        and bases.cost_site_id = valid.site_id
)

{{ select_contract('costs') }}
