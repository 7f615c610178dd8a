with periods as (
    select * from {{ ref('dim_periods') }}
),

sources as (
    select * from {{ ref('fct_sources') }}
),

supplier_capacities as (
    select * from {{ ref('supplier_capacities') }}
),

overrides as (
    select
        object_id as supplier_id,
        item_id,
        period_start_date,
        available_quantity
    from {{ ref('fct_capacity_overrides') }}
    where capacity_type = 'supplier'
),

-- A limit is the supplier's for the item; sites that buy the item from him share it alike.
sharing_sites as (
    select
        supplier_id,
        item_id,
        count(*) as sites
    from sources
    where source_type in ('buy', 'subcontract')
    group by supplier_id, item_id
),

last_months as (
    select
        supplier_id,
        item_id,
        max(period_start_date) as period_start_date
    from supplier_capacities
    group by supplier_id, item_id
),

-- Beyond the delivered calendar a month is as the same month of the last delivered year, else as the last one delivered.
candidates as (
    select
        supplier_capacities.supplier_id,
        supplier_capacities.item_id,
        periods.period_start_date,
        supplier_capacities.available_units,
        row_number() over (
            partition by supplier_capacities.supplier_id, supplier_capacities.item_id, periods.period_start_date
            order by {{ nearness('supplier_capacities.period_start_date', 'periods.period_start_date') }}
        ) as nearness_rank
    from supplier_capacities
    inner join last_months
        on supplier_capacities.supplier_id = last_months.supplier_id
        and supplier_capacities.item_id = last_months.item_id
    inner join periods
        on supplier_capacities.period_start_date = periods.period_start_date
        or (periods.period_start_date > last_months.period_start_date)
    where periods.is_horizon
),

-- What people know better goes before what was delivered, and limits a supplier that had no limit.
known as (
    select
        candidates.supplier_id,
        candidates.item_id,
        candidates.period_start_date,
        candidates.available_units
    from candidates
    left join overrides
        on candidates.supplier_id = overrides.supplier_id
        and candidates.item_id = overrides.item_id
        and candidates.period_start_date = overrides.period_start_date
    where
        candidates.nearness_rank = 1
        and overrides.supplier_id is null

    union all

    select
        supplier_id,
        item_id,
        period_start_date,
        available_quantity as available_units
    from overrides
),

-- A production version whose bill is not in force in a month is closed in it.
closed as (
    select
        source_id,
        period_start_date,
        cast(0 as decimal(18, 3)) as maximum_units
    from {{ ref('source_months') }}
    where not is_open
),

of_suppliers as (
    select
        sources.source_id,
        known.period_start_date,
        {{ ratio('known.available_units', 'sharing_sites.sites', 'decimal(18,3)') }} as maximum_units
    from known
    inner join sources
        on known.supplier_id = sources.supplier_id
        and known.item_id = sources.item_id
    inner join sharing_sites
        on known.supplier_id = sharing_sites.supplier_id
        and known.item_id = sharing_sites.item_id
    where sources.source_type in ('buy', 'subcontract')
),

limits as (
    select
        source_id,
        period_start_date,
        maximum_units
    from of_suppliers
    union all
    select
        source_id,
        period_start_date,
        maximum_units
    from closed
)

{{ select_contract('limits') }}
