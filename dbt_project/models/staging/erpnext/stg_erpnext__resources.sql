with workstations as (

    select * from {{ source('erpnext', 'workstation') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

home_company as (

    select * from {{ ref('base_erpnext__home_company') }}

),

final as (

    select
        workstations.name as resource_id,
        coalesce(workstations.description, workstations.name) as resource_name,
        warehouses.site_id,
        case when lower(workstations.workstation_type) in ('labour', 'labor', 'manual') then 'labour' else 'machine' end
            as resource_type,
        cast(workstations.hour_rate as decimal(18, 6)) as cost_per_hour,
        coalesce(warehouses.currency_code, home_company.currency_code) as currency_code,
        coalesce(workstations.holiday_list, home_company.default_holiday_list) as calendar_id,
        workstations.source_file_sha256,
        workstations.source_row_number
    from workstations
    cross join home_company
    left join warehouses on workstations.warehouse = warehouses.warehouse

)

select * from final
