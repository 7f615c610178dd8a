with materials as (

    select * from {{ source('sap', 'mara') }}

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

language as (

    select spras from {{ ref('base_sap__language') }}

),

-- A description in the company's language, else the first there is.
descriptions as (

    select
        descriptions.matnr,
        descriptions.maktx,
        row_number() over (
            partition by descriptions.matnr
            order by case when descriptions.spras = language.spras then 0 else 1 end, descriptions.spras
        ) as place
    from {{ source('sap', 'makt') }} as descriptions
    cross join language

),

names as (

    select code, code_text
    from {{ ref('base_sap__texts') }}
    where code_kind = 'hierarchy'

),

sold as (

    select distinct matnr
    from {{ source('sap', 'mvke') }}
    where not ({{ sap_is_set('lvorm') }})

),

followed as (

    select matnr, min(nfmat) as nfmat
    from {{ source('sap', 'marc') }}
    where nfmat is not null
    group by matnr

),

units as (

    select * from {{ source('sap', 't006') }}
    where dimid in ('MASS', 'VOLUME') and nennr > 0

),

hierarchies as (

    select
        matnr,
        coalesce(substr(prdha, 1, 5), matkl) as category_code,
        coalesce(substr(prdha, 1, 10), matkl) as family_code,
        coalesce(prdha, matkl) as subfamily_code
    from materials

),

final as (

    select
        items.item_id,
        coalesce(descriptions.maktx, items.item_id) as item_name,
        coalesce(
            types.item_type,
            case materials.mtart
                when 'FERT' then 'finished'
                when 'HALB' then 'semi_finished'
                when 'ROH' then 'component'
                when 'VERP' then 'packaging'
                when 'HAWA' then 'trade'
            end
        ) as item_type,
        coalesce(categories.code_text, hierarchies.category_code) as category_id,
        coalesce(families.code_text, hierarchies.family_code) as family_id,
        coalesce(subfamilies.code_text, hierarchies.subfamily_code) as subfamily_id,
        items.base_uom_id,
        {{ rounded(
            'cast(nullif(materials.ntgew, 0) as double precision) * cast(units.zaehl as double precision)'
            ~ ' / cast(units.nennr as double precision) * power(10, coalesce(units.exp10, 0))',
            'decimal(18,6)',
        ) }} as weight_kg,
        -- What a status code means is customising. An unknown one is left empty: the row is kept out with a reason.
        case
            when {{ sap_is_set('materials.lvorm') }} then 'blocked'
            when materials.mstae is null or materials.mstde > {{ sap_cycle_day() }} then 'active'
            else statuses.item_status
        end as item_status,
        sold.matnr is not null as is_saleable,
        materials.datab as launch_date,
        materials.liqdt as end_date,
        coalesce(successors.item_id, followed.nfmat) as successor_item_id,
        nullif(materials.mhdhb, 0) as shelf_life_days,
        {{ rounded(
            'cast(nullif(materials.volum, 0) as double precision) * cast(volume_units.zaehl as double precision)'
            ~ ' / cast(volume_units.nennr as double precision) * power(10, coalesce(volume_units.exp10, 0))',
            'decimal(18,6)',
        ) }} as volume_m3,
        materials.source_file_sha256,
        materials.source_row_number
    from materials
    inner join items on materials.matnr = items.matnr
    inner join hierarchies on materials.matnr = hierarchies.matnr
    left join descriptions on materials.matnr = descriptions.matnr and descriptions.place = 1
    left join names as categories on hierarchies.category_code = categories.code
    left join names as families on hierarchies.family_code = families.code
    left join names as subfamilies on hierarchies.subfamily_code = subfamilies.code
    left join sold on materials.matnr = sold.matnr
    left join followed on materials.matnr = followed.matnr
    left join items as successors on followed.nfmat = successors.matnr
    left join units on materials.gewei = units.msehi and units.dimid = 'MASS'
    left join units as volume_units on materials.voleh = volume_units.msehi and volume_units.dimid = 'VOLUME'
    left join {{ source('sap', 'supplement_material_types') }} as types on materials.mtart = types.material_type_code
    left join {{ source('sap', 'supplement_material_statuses') }} as statuses on materials.mstae = statuses.status_code

)

select * from final
