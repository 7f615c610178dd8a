with operations as (

    select * from {{ ref('base_sap__operations') }}

),

work_centre_capacities as (

    select
        *,
        row_number() over (partition by objid order by kapar) as capacity_place
    from {{ ref('base_sap__work_centre_capacities') }}

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

plant_materials as (

    select matnr, werks, ausss from {{ source('sap', 'marc') }}

),

uom_factors as (

    select * from {{ ref('base_sap__uom_factors') }}

),

time_units as (

    select * from {{ ref('base_sap__time_units') }}

),

-- One row for each capacity that an operation loads, by the formulas of its work centre.
loads as (

    select
        operations.*,
        work_centre_capacities.resource_id,
        work_centre_capacities.kapar,
        work_centre_capacities.capacity_place,
        case
            when work_centre_capacities.setup_formula is null then 0
            when work_centre_capacities.setup_formula = 'SAP001' then {{ sap_hours('operations.vgw01', 'setup_units') }}
        end as setup_hours,
        case work_centre_capacities.run_formula
            when 'SAP002' then {{ sap_hours('operations.vgw02', 'machine_units') }}
            when 'SAP003' then {{ sap_hours('operations.vgw03', 'labour_units') }}
        end as run_hours,
        cast(operations.bmsch as double precision) * cast(uom_factors.numerator as double precision)
        / cast(uom_factors.denominator as double precision) as base_units
    from operations
    left join work_centre_capacities on operations.arbid = work_centre_capacities.objid
    left join time_units as setup_units on operations.vge01 = setup_units.uom_id
    left join time_units as machine_units on operations.vge02 = machine_units.uom_id
    left join time_units as labour_units on operations.vge03 = labour_units.uom_id
    left join uom_factors
        on operations.matnr = uom_factors.matnr
        and operations.meinh = uom_factors.uom_id

),

final as (

    select
        coalesce(items.item_id, {{ sap_shown('loads.matnr') }}) as item_id,
        loads.werks as site_id,
        loads.routing_alternative_id,
        loads.vornr || '/' || coalesce(loads.kapar, '') as operation_number,
        loads.resource_id,
        {{ ratio('loads.run_hours', 'loads.base_units') }} as run_hours_per_unit,
        {{ rounded('loads.setup_hours', 'decimal(18,6)') }} as setup_hours_per_lot,
        -- What an operation loses counts once, whatever it loads; what the assembly loses (added to the order) at its first.
        case
            when coalesce(loads.capacity_place, 1) > 1 then cast(1 as decimal(18, 6))
            else {{ rounded(
                'cast(100 - coalesce(loads.aufak, 0) as double precision)'
                ~ ' / cast(100 + case when loads.place = 1 then coalesce(plant_materials.ausss, 0) else 0 end as double precision)',
                'decimal(18,6)',
            ) }}
        end as yield_ratio,
        loads.datuv as valid_from_date,
        cast(null as date) as valid_to_date,
        loads.source_file_sha256,
        loads.source_row_number
    from loads
    left join items on loads.matnr = items.matnr
    left join plant_materials
        on loads.matnr = plant_materials.matnr
        and loads.werks = plant_materials.werks
    -- A capacity that the operation gives no time to is not used by it.
    where loads.resource_id is null or loads.run_hours is null or loads.setup_hours is null or loads.run_hours + loads.setup_hours > 0

)

select * from final
