with plant_materials as (

    select * from {{ source('sap', 'marc') }}

),

special_procurement as (

    select * from {{ source('sap', 't460a') }}

)

select
    plant_materials.*,
    -- In-house before everything else; a stock transfer is external procurement from a plant.
    case
        when plant_materials.beskz = 'X' then 'both'
        when plant_materials.beskz = 'E' then 'make'
        when plant_materials.beskz = 'F' and (
            special_procurement.sobes = '7'
            or (special_procurement.sobsl is null and plant_materials.sobsl = '40')
        ) then 'move'
        when plant_materials.beskz = 'F' then 'buy'
    end as procurement_type
from plant_materials
left join special_procurement
    on plant_materials.werks = special_procurement.werks
    and plant_materials.sobsl = special_procurement.sobsl
where not ({{ sap_is_set('plant_materials.lvorm') }}) and plant_materials.beskz is not null
