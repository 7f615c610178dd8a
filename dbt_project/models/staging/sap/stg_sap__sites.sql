with plants as (

    select * from {{ ref('base_sap__plants') }}

),

districts as (

    select code, code_text
    from {{ ref('base_sap__texts') }}
    where code_kind = 'district'

),

final as (

    select
        plants.werks as site_id,
        plants.name1 as site_name,
        case coalesce(plants.vlfkz, 'plant')
            when 'plant' then 'plant'
            when 'B' then 'distribution_centre'
            when 'A' then 'warehouse'
        end as site_type,
        plants.land1 as country_code,
        coalesce(districts.code_text, plants.bzirk) as region_id,
        plants.currency_code,
        plants.bukrs as company_id,
        plants.fabkl as calendar_id,
        plants.source_file_sha256,
        plants.source_row_number
    from plants
    left join districts on plants.bzirk = districts.code

)

select * from final
