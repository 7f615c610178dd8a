with cycle as (
    select * from {{ ref('dim_cycle') }}
),

items as (
    select * from {{ ref('items') }}
),

item_sites as (
    select * from {{ ref('item_sites') }}
),

lanes as (
    select * from {{ ref('lanes') }}
),

suppliers as (
    select * from {{ ref('suppliers') }}
),

supplier_items as (
    select * from {{ ref('supplier_items') }}
),

fx_rates as (
    select * from {{ ref('fct_fx_rates') }}
),

unit_costs as (
    select * from {{ ref('fct_unit_costs') }}
),

item_policies as (
    select * from {{ source('planner', 'item_policies') }}
),

bill_of_materials as (
    select * from {{ ref('fct_bill_of_materials') }}
),

routings as (
    select * from {{ ref('fct_routings') }}
),

bills_by_month as (
    select * from {{ ref('bills_by_month') }}
),

-- What people accepted of the review of parameters goes before what the ERP carries.
accepted as (
    select * from {{ ref('fct_configured_parameters') }}
    where is_planned_with
),

-- Nothing is planned into the stock of a blocked item.
supplied as (
    select item_sites.*
    from item_sites
    inner join items on item_sites.item_id = items.item_id
    where items.item_status <> 'blocked'
),

rates as (
    select
        fx_rates.currency_code,
        fx_rates.rate
    from fx_rates
    inner join cycle on fx_rates.rate_date = cycle.cycle_start_date
),

costs as (
    select
        unit_costs.item_id,
        unit_costs.site_id,
        unit_costs.unit_cost
    from unit_costs
    inner join cycle on cycle.cycle_start_date between unit_costs.valid_from_date and unit_costs.valid_to_date
),

component_costs as (
    select
        bill_of_materials.parent_item_id as item_id,
        bill_of_materials.site_id,
        sum({{ product('bill_of_materials.component_units', 'costs.unit_cost', 'decimal(18,6)') }}) as unit_cost
    from bill_of_materials
    inner join costs
        on bill_of_materials.component_item_id = costs.item_id
        and bill_of_materials.site_id = costs.site_id
    group by bill_of_materials.parent_item_id, bill_of_materials.site_id
),

yields as (
    select
        item_id,
        site_id,
        min(yield_ratio) as yield_ratio
    from routings
    where is_default
    group by item_id, site_id
),

-- Other ways to make the item at the same site: an alternative routing, an alternative bill, or both under one number.
version_yields as (
    select
        item_id,
        site_id,
        routing_alternative_id,
        min(yield_ratio) as yield_ratio
    from routings
    where not is_default
    group by item_id, site_id, routing_alternative_id
),

version_names as (
    select
        item_id,
        site_id,
        routing_alternative_id as production_version_id
    from version_yields
    union distinct
    select
        parent_item_id as item_id,
        site_id,
        bom_alternative_id as production_version_id
    from bills_by_month
    where not is_default
),

versions as (
    select
        item_id,
        site_id,
        production_version_id,
        row_number() over (partition by item_id, site_id order by production_version_id) as version_rank
    from version_names
),

version_counts as (
    select
        item_id,
        site_id,
        count(*) as versions
    from versions
    group by item_id, site_id
),

-- With a routing the hours are priced at their resources. Without one, what the standard cost holds beyond the components.
makes as (
    select
        {{ make_source_id('supplied.item_id', 'supplied.site_id') }} as source_id,
        'make' as source_type,
        supplied.item_id,
        supplied.site_id,
        cast(null as {{ dbt.type_string() }}) as supplier_id,
        cast(null as {{ dbt.type_string() }}) as from_site_id,
        coalesce(accepted_days.accepted_value, supplied.make_lead_time_days, 0) as lead_time_days,
        coalesce(yields.yield_ratio, 1) as yield_ratio,
        case
            when yields.yield_ratio is not null then 0
            when costs.unit_cost > coalesce(component_costs.unit_cost, 0) then costs.unit_cost - coalesce(component_costs.unit_cost, 0)
            else 0
        end as unit_cost,
        cast(null as decimal(18, 3)) as maximum_units_per_month,
        coalesce(accepted_lots.accepted_value, supplied.lot_minimum_units) as minimum_lot_units,
        coalesce(accepted_multiples.accepted_value, supplied.lot_multiple_units) as lot_multiple_units,
        supplied.lot_maximum_units as maximum_lot_units,
        1 as priority,
        cast(null as decimal(18, 6)) as quota_ratio,
        cast(null as {{ dbt.type_string() }}) as production_version_id
    from supplied
    left join accepted as accepted_days
        on {{ make_source_id('supplied.item_id', 'supplied.site_id') }} = accepted_days.object_id
        and accepted_days.parameter_id = 'lead_time_days'
    left join accepted as accepted_lots
        on {{ make_source_id('supplied.item_id', 'supplied.site_id') }} = accepted_lots.object_id
        and accepted_lots.parameter_id = 'lot_minimum_units'
    left join accepted as accepted_multiples
        on {{ make_source_id('supplied.item_id', 'supplied.site_id') }} = accepted_multiples.object_id
        and accepted_multiples.parameter_id = 'lot_multiple_units'
    left join yields
        on supplied.item_id = yields.item_id
        and supplied.site_id = yields.site_id
    left join costs
        on supplied.item_id = costs.item_id
        and supplied.site_id = costs.site_id
    left join component_costs
        on supplied.item_id = component_costs.item_id
        and supplied.site_id = component_costs.site_id
    where supplied.procurement_type in ('make', 'both')
),

version_makes as (
    select
        {{ version_source_id('makes.item_id', 'makes.site_id', 'versions.production_version_id') }} as source_id,
        makes.source_type,
        makes.item_id,
        makes.site_id,
        makes.supplier_id,
        makes.from_site_id,
        makes.lead_time_days,
        coalesce(version_yields.yield_ratio, makes.yield_ratio) as yield_ratio,
        case when version_yields.yield_ratio is null then makes.unit_cost else 0 end as unit_cost,
        makes.maximum_units_per_month,
        makes.minimum_lot_units,
        makes.lot_multiple_units,
        makes.maximum_lot_units,
        1 + versions.version_rank as priority,
        makes.quota_ratio,
        versions.production_version_id
    from makes
    inner join versions
        on makes.item_id = versions.item_id
        and makes.site_id = versions.site_id
    left join version_yields
        on versions.item_id = version_yields.item_id
        and versions.site_id = version_yields.site_id
        and versions.production_version_id = version_yields.routing_alternative_id
),

-- A supplier that people name as subcontractor makes the item of our parts, at his price for the work.
subcontractors as (
    select distinct
        item_id,
        site_id,
        source_object_id as supplier_id
    from item_policies
    where source_type = 'subcontract'
),

-- Where a site makes and buys, it makes first.
buys as (
    select
        case
            when subcontractors.supplier_id is null
                then {{ buy_source_id('supplied.item_id', 'supplied.site_id', 'supplier_items.supplier_id') }}
            else {{ subcontract_source_id('supplied.item_id', 'supplied.site_id', 'supplier_items.supplier_id') }}
        end as source_id,
        case when subcontractors.supplier_id is null then 'buy' else 'subcontract' end as source_type,
        supplied.item_id,
        supplied.site_id,
        supplier_items.supplier_id,
        cast(null as {{ dbt.type_string() }}) as from_site_id,
        coalesce(accepted_days.accepted_value, supplier_items.lead_time_days) as lead_time_days,
        1 as yield_ratio,
        {{ in_company_currency('supplier_items.unit_price', 'rates.rate', 'decimal(18,6)') }} as unit_cost,
        cast(null as decimal(18, 3)) as maximum_units_per_month,
        coalesce(accepted_minima.accepted_value, supplier_items.minimum_order_units) as minimum_lot_units,
        coalesce(accepted_multiples.accepted_value, supplier_items.lot_multiple_units, supplied.lot_multiple_units) as lot_multiple_units,
        supplied.lot_maximum_units as maximum_lot_units,
        case
            when supplied.procurement_type in ('make', 'both') then supplier_items.priority + 1 + coalesce(version_counts.versions, 0)
            else supplier_items.priority
        end as priority,
        supplier_items.share_ratio as quota_ratio,
        cast(null as {{ dbt.type_string() }}) as production_version_id
    from supplied
    inner join supplier_items
        on supplied.item_id = supplier_items.item_id
        and supplied.site_id = supplier_items.site_id
    inner join suppliers on supplier_items.supplier_id = suppliers.supplier_id
    left join accepted as accepted_days
        on {{ buy_source_id('supplied.item_id', 'supplied.site_id', 'supplier_items.supplier_id') }} = accepted_days.object_id
        and accepted_days.parameter_id = 'lead_time_days'
    left join accepted as accepted_minima
        on {{ buy_source_id('supplied.item_id', 'supplied.site_id', 'supplier_items.supplier_id') }} = accepted_minima.object_id
        and accepted_minima.parameter_id = 'minimum_order_units'
    left join accepted as accepted_multiples
        on {{ buy_source_id('supplied.item_id', 'supplied.site_id', 'supplier_items.supplier_id') }} = accepted_multiples.object_id
        and accepted_multiples.parameter_id = 'lot_multiple_units'
    left join subcontractors
        on supplier_items.item_id = subcontractors.item_id
        and supplier_items.site_id = subcontractors.site_id
        and supplier_items.supplier_id = subcontractors.supplier_id
    left join rates on supplier_items.currency_code = rates.currency_code
    left join version_counts
        on supplied.item_id = version_counts.item_id
        and supplied.site_id = version_counts.site_id
    where
        (supplied.procurement_type in ('buy', 'both') or subcontractors.supplier_id is not null)
        and supplier_items.is_active
        and suppliers.is_active
),

-- A lane serves an item where the site at its start carries the item too.
carried as (
    select
        supplied.item_id,
        supplied.site_id,
        lanes.from_site_id,
        lanes.lane_id,
        coalesce(accepted.accepted_value, lanes.lead_time_days) as lead_time_days,
        lanes.maximum_units_per_month,
        {{ in_company_currency(
            'lanes.cost_per_unit + ' ~ product('coalesce(lanes.cost_per_kg, 0)', 'coalesce(items.weight_kg, 0)', 'decimal(18,6)'),
            'rates.rate', 'decimal(18,6)') }} as unit_cost
    from supplied
    inner join items on supplied.item_id = items.item_id
    inner join lanes on supplied.site_id = lanes.to_site_id
    inner join item_sites as origins
        on supplied.item_id = origins.item_id
        and lanes.from_site_id = origins.site_id
    left join rates on lanes.currency_code = rates.currency_code
    left join accepted
        on lanes.lane_id = accepted.object_id
        and accepted.parameter_id = 'lead_time_days'
    where supplied.procurement_type = 'move'
),

-- One way from site to site: the cheapest lane of the item.
ranked_lanes as (
    select
        carried.*,
        row_number() over (
            partition by item_id, site_id, from_site_id
            order by unit_cost, lead_time_days, lane_id
        ) as lane_rank
    from carried
),

moves as (
    select
        {{ move_source_id('item_id', 'site_id', 'from_site_id') }} as source_id,
        'move' as source_type,
        item_id,
        site_id,
        cast(null as {{ dbt.type_string() }}) as supplier_id,
        from_site_id,
        lead_time_days,
        1 as yield_ratio,
        unit_cost,
        maximum_units_per_month,
        cast(null as decimal(18, 3)) as minimum_lot_units,
        cast(null as decimal(18, 3)) as lot_multiple_units,
        cast(null as decimal(18, 3)) as maximum_lot_units,
        row_number() over (partition by item_id, site_id order by unit_cost, lead_time_days, from_site_id) as priority,
        cast(null as decimal(18, 6)) as quota_ratio,
        cast(null as {{ dbt.type_string() }}) as production_version_id
    from ranked_lanes
    where lane_rank = 1
),

ways as (
    select
        source_id, source_type, item_id, site_id, supplier_id, from_site_id, lead_time_days, yield_ratio, unit_cost,
        maximum_units_per_month, minimum_lot_units, lot_multiple_units, maximum_lot_units, priority, quota_ratio, production_version_id
    from makes
    union all
    select
        source_id, source_type, item_id, site_id, supplier_id, from_site_id, lead_time_days, yield_ratio, unit_cost,
        maximum_units_per_month, minimum_lot_units, lot_multiple_units, maximum_lot_units, priority, quota_ratio, production_version_id
    from version_makes
    union all
    select
        source_id, source_type, item_id, site_id, supplier_id, from_site_id, lead_time_days, yield_ratio, unit_cost,
        maximum_units_per_month, minimum_lot_units, lot_multiple_units, maximum_lot_units, priority, quota_ratio, production_version_id
    from buys
    union all
    select
        source_id, source_type, item_id, site_id, supplier_id, from_site_id, lead_time_days, yield_ratio, unit_cost,
        maximum_units_per_month, minimum_lot_units, lot_multiple_units, maximum_lot_units, priority, quota_ratio, production_version_id
    from moves
),

-- What people say of an item-site goes before the ERP's quotas.
shared_by_people as (
    select distinct
        item_id,
        site_id
    from item_policies
    where source_type <> 'all'
),

sources as (
    select
        ways.source_id,
        ways.source_type,
        ways.item_id,
        ways.site_id,
        ways.supplier_id,
        ways.from_site_id,
        {{ ratio('ways.lead_time_days', days_per_month()) }} as lead_time_months,
        ways.yield_ratio,
        ways.unit_cost,
        ways.maximum_units_per_month,
        ways.minimum_lot_units,
        ways.lot_multiple_units,
        ways.maximum_lot_units,
        ways.priority,
        ways.production_version_id,
        case when shared_by_people.item_id is null then ways.quota_ratio else coalesce(item_policies.share_ratio, 0) end as share_ratio
    from ways
    left join shared_by_people
        on ways.item_id = shared_by_people.item_id
        and ways.site_id = shared_by_people.site_id
    left join item_policies
        on ways.item_id = item_policies.item_id
        and ways.site_id = item_policies.site_id
        and ways.source_type = item_policies.source_type
        and coalesce(ways.supplier_id, ways.from_site_id, ways.site_id || '/' || ways.production_version_id, ways.site_id) = item_policies.source_object_id
)

{{ select_contract('sources') }}
