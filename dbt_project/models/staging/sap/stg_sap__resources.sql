with work_centre_capacities as (

    select * from {{ ref('base_sap__work_centre_capacities') }}

),

activity_prices as (

    select * from {{ ref('base_sap__activity_prices') }}

),

agreed as (

    select * from {{ source('sap', 'supplement_resources') }}

),

language as (

    select spras from {{ ref('base_sap__language') }}

),

texts as (

    select
        texts.objid,
        texts.ktext,
        row_number() over (
            partition by texts.objid
            order by case when texts.spras = language.spras then 0 else 1 end, texts.spras
        ) as place
    from {{ source('sap', 'crtx') }} as texts
    cross join language
    where texts.objty = 'A'

),

final as (

    select
        work_centre_capacities.resource_id,
        coalesce(texts.ktext, work_centre_capacities.arbpl) as resource_name,
        work_centre_capacities.werks as site_id,
        case when work_centre_capacities.kapar = '002' then 'labour' else 'machine' end as resource_type,
        coalesce(agreed.cost_per_hour, activity_prices.cost_per_hour) as cost_per_hour,
        case when agreed.cost_per_hour is not null then agreed.currency_code else activity_prices.currency_code end
            as currency_code,
        work_centre_capacities.source_file_sha256,
        work_centre_capacities.source_row_number
    from work_centre_capacities
    left join texts on work_centre_capacities.objid = texts.objid and texts.place = 1
    left join agreed on work_centre_capacities.resource_id = agreed.resource_id
    left join activity_prices
        on work_centre_capacities.objid = activity_prices.objid
        and case work_centre_capacities.run_formula when 'SAP003' then '0003' else '0002' end = activity_prices.lanum

)

select * from final
