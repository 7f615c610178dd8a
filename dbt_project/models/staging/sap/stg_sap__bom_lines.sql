with assignments as (

    select
        matnr, werks, stlnr, stlal,
        rank() over (partition by matnr, werks order by stlan) as place
    from {{ source('sap', 'mast') }}
    where stlan in ('1', '3')

),

headers as (

    select
        *,
        row_number() over (partition by stlnr, stlal order by stkoz desc) as place
    from {{ source('sap', 'stko') }}
    where stlty = 'M' and not ({{ sap_is_set('lkenz') }})

),

nodes as (

    select
        stlnr, stlal, stlkn,
        min(case when {{ sap_is_set('lkenz') }} then datuv end) as removed_date
    from {{ source('sap', 'stas') }}
    where stlty = 'M'
    group by stlnr, stlal, stlkn

),

-- A later row of a node replaces the earlier one from its day on.
versions as (

    select
        *,
        lead(datuv) over (partition by stlnr, stlkn order by datuv, stpoz) as replaced_date
    from {{ source('sap', 'stpo') }}
    where stlty = 'M'

),

components as (

    select * from versions
    where idnrk is not null and postp in ('L', 'N', 'R') and menge >= 0

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

plant_materials as (

    select matnr, werks, sobsl, coalesce(nullif(bstfe, 0), nullif(bstmi, 0)) as lot_units
    from {{ source('sap', 'marc') }}

),

uom_factors as (

    select * from {{ ref('base_sap__uom_factors') }}

),

joined as (

    select
        assignments.matnr,
        assignments.werks,
        assignments.stlal,
        components.idnrk,
        components.posnr || '/' || {{ sap_shown('components.stlkn') }} || '.' || {{ sap_shown('components.stpoz') }} as line_id,
        cast(components.menge as double precision) * cast(of_component.numerator as double precision)
        / cast(of_component.denominator as double precision)
        -- items of an alternative group share the use
        * case
            when components.alpgr is null then cast(1 as double precision)
            else cast(components.ewahr as double precision) / cast(100 as double precision)
        end as quantity,
        case
            when {{ sap_is_set('components.fmeng') }} then cast(plant_materials.lot_units as double precision)
            else cast(headers.bmeng as double precision) * cast(of_parent.numerator as double precision)
                / cast(of_parent.denominator as double precision)
        end as parent_units,
        -- SAP adds scrap to the requirement, the canonical ratio is what is lost of what is taken: 25 % added are 0.2 lost.
        {{ ratio('coalesce(components.ausch, 0)', '100 + coalesce(components.ausch, 0)') }} as scrap_ratio,
        coalesce(of_component_plant.sobsl, '') = '50' as is_phantom,
        components.datuv,
        case
            when nodes.removed_date < components.replaced_date then nodes.removed_date
            else coalesce(components.replaced_date, nodes.removed_date)
        end as end_date,
        components.source_file_sha256,
        components.source_row_number
    from assignments
    inner join headers
        on assignments.stlnr = headers.stlnr
        and assignments.stlal = headers.stlal
        and headers.place = 1
        and headers.stlst = '01'
        and not ({{ sap_is_set('headers.loekz') }})
    inner join nodes
        on assignments.stlnr = nodes.stlnr
        and assignments.stlal = nodes.stlal
    inner join components
        on nodes.stlnr = components.stlnr
        and nodes.stlkn = components.stlkn
    left join plant_materials
        on assignments.matnr = plant_materials.matnr
        and assignments.werks = plant_materials.werks
    left join plant_materials as of_component_plant
        on components.idnrk = of_component_plant.matnr
        and assignments.werks = of_component_plant.werks
    left join uom_factors as of_component
        on components.idnrk = of_component.matnr
        and components.meins = of_component.uom_id
    left join uom_factors as of_parent
        on assignments.matnr = of_parent.matnr
        and headers.bmein = of_parent.uom_id
    where assignments.place = 1

),

final as (

    select
        coalesce(parents.item_id, {{ sap_shown('joined.matnr') }}) as parent_item_id,
        joined.werks as site_id,
        {{ sap_shown('joined.stlal') }} as bom_alternative_id,
        joined.line_id,
        coalesce(items.item_id, {{ sap_shown('joined.idnrk') }}) as component_item_id,
        {{ ratio('joined.quantity', 'joined.parent_units') }} as component_units,
        joined.scrap_ratio,
        joined.is_phantom,
        joined.datuv as valid_from_date,
        cast({{ dbt.dateadd('day', -1, 'joined.end_date') }} as date) as valid_to_date,
        joined.source_file_sha256,
        joined.source_row_number
    from joined
    left join items as parents on joined.matnr = parents.matnr
    left join items on joined.idnrk = items.matnr
    -- A row that was replaced on the day it began, or taken out before, never held.
    where joined.end_date is null or joined.datuv is null or joined.datuv < joined.end_date

)

select * from final
