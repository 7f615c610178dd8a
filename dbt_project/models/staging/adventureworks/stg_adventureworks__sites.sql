with company as (

    select * from {{ ref('base_adventureworks__company') }}

),

territories as (

    select * from {{ source('adventureworks', 'sales_territory') }}

),

-- The ERP names its stores and work centres, not the plant that they stand in; its home territory carries the row.
final as (

    select
        company.site_id,
        'Adventure Works, Bothell' as site_name,
        'plant' as site_type,
        territories.country_code,
        territories.territory_name as region_id,
        company.currency_code,
        territories.source_file_sha256,
        territories.source_row_number
    from company
    inner join territories on territories.territory_name = 'Northwest'

)

select * from final
