-- A confirmation that was cancelled, and the one that cancels it, are none.
with confirmations as (

    select * from {{ source('sap', 'afru') }}
    where not ({{ sap_is_set('stokz') }}) and coalesce(stzhl, '00000000') = '00000000'

),

production_orders as (

    select aufnr from {{ source('sap', 'afpo') }}
    where posnr = '0001'

),

work_centre_capacities as (

    select * from {{ ref('base_sap__work_centre_capacities') }}

),

time_units as (

    select * from {{ ref('base_sap__time_units') }}

),

hours as (

    select
        confirmations.*,
        work_centre_capacities.kapar,
        work_centre_capacities.resource_id,
        case
            when work_centre_capacities.setup_formula is null then 0
            when work_centre_capacities.setup_formula = 'SAP001' then {{ sap_hours('confirmations.ism01', 'setup_units') }}
        end as setup_hours,
        case work_centre_capacities.run_formula
            when 'SAP002' then {{ sap_hours('confirmations.ism02', 'machine_units') }}
            when 'SAP003' then {{ sap_hours('confirmations.ism03', 'labour_units') }}
        end as run_hours
    from confirmations
    inner join production_orders on confirmations.aufnr = production_orders.aufnr
    left join work_centre_capacities on confirmations.arbid = work_centre_capacities.objid
    left join time_units as setup_units on confirmations.ile01 = setup_units.uom_id
    left join time_units as machine_units on confirmations.ile02 = machine_units.uom_id
    left join time_units as labour_units on confirmations.ile03 = labour_units.uom_id

),

final as (

    select
        {{ sap_shown('aufnr') }} as production_order_id,
        vornr || '/' || coalesce(kapar, '') || '/' || {{ sap_shown('rueck') }} || '.' || {{ sap_shown('rmzhl') }} as operation_number,
        resource_id,
        budat as confirmed_date,
        {{ rounded('setup_hours + run_hours', 'decimal(18,4)') }} as confirmed_hours,
        source_file_sha256,
        source_row_number
    from hours

)

select * from final
