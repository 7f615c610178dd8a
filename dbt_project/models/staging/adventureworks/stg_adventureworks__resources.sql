with locations as (

    select * from {{ source('adventureworks', 'location') }}

),

company as (

    select site_id, currency_code from {{ ref('base_adventureworks__company') }}

),

final as (

    select
        cast(locations.location_id as varchar) as resource_id,
        locations.location_name as resource_name,
        company.site_id,
        -- The ERP does not say; up to 4,000 logged hours a month are many people, not one machine.
        'labour' as resource_type,
        cast(locations.cost_rate as decimal(18, 6)) as cost_per_hour,
        company.currency_code,
        -- The hours of a work centre are not said: see stg_adventureworks__resource_capacities.
        'demonstrated' as capacity_basis,
        locations.source_file_sha256,
        locations.source_row_number
    from locations
    cross join company
    -- Stores have no cost rate.
    where locations.cost_rate > 0

)

select * from final
