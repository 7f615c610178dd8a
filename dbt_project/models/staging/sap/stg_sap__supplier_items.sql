with info_records as (

    select * from {{ source('sap', 'eina') }}
    where matnr is not null

),

-- Standard and subcontracting; of several purchasing organisations the first one that is active.
terms as (

    select
        *,
        row_number() over (
            partition by infnr, coalesce(werks, '')
            order by case when {{ sap_is_set('loekz') }} then 1 else 0 end, esokz, ekorg
        ) as place
    from {{ source('sap', 'eine') }}
    where esokz in ('0', '3')

),

bought as (

    select matnr, werks from {{ ref('base_sap__item_sites') }}
    where procurement_type in ('buy', 'both')

),

-- Terms of a plant come before terms for all plants.
of_plants as (

    select terms.*, terms.werks as plant
    from terms
    where terms.place = 1 and terms.werks is not null
    union all
    select terms.*, bought.werks as plant
    from terms
    inner join info_records on terms.infnr = info_records.infnr
    inner join bought on info_records.matnr = bought.matnr
    left join terms as own
        on terms.infnr = own.infnr
        and bought.werks = own.werks
        and own.place = 1
    where terms.place = 1 and terms.werks is null and own.infnr is null

),

source_list as (

    select
        matnr,
        werks,
        lifnr,
        max(case when {{ sap_is_set('flifn') }} then 1 else 0 end) as is_fixed,
        max(case when {{ sap_is_set('notkz') }} then 1 else 0 end) as is_blocked
    from {{ source('sap', 'eord') }}
    where lifnr is not null and vdatu <= {{ sap_cycle_day() }} and (bdatu is null or bdatu >= {{ sap_cycle_day() }})
    group by matnr, werks, lifnr

),

-- The arrangement in force on the cycle's day, of several the one that began last: parts of all sources are the whole.
quota_arrangements as (

    select
        qunum,
        matnr,
        werks,
        row_number() over (partition by matnr, werks order by vdatu desc, qunum desc) as place
    from {{ source('sap', 'equk') }}
    where vdatu <= {{ sap_cycle_day() }} and (bdatu is null or bdatu >= {{ sap_cycle_day() }})

),

quotas as (

    select
        quota_arrangements.matnr,
        quota_arrangements.werks,
        items.lifnr,
        sum(items.quote) as parts,
        sum(sum(items.quote)) over (partition by quota_arrangements.matnr, quota_arrangements.werks) as all_parts
    from quota_arrangements
    inner join {{ source('sap', 'equp') }} as items on quota_arrangements.qunum = items.qunum
    where quota_arrangements.place = 1
    group by quota_arrangements.matnr, quota_arrangements.werks, items.lifnr

),

vendors as (

    select * from {{ ref('base_sap__vendors') }}

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

uom_factors as (

    select * from {{ ref('base_sap__uom_factors') }}

),

currency_shifts as (

    select * from {{ ref('base_sap__currency_shifts') }}

),

joined as (

    select
        info_records.lifnr,
        info_records.matnr,
        of_plants.plant,
        of_plants.aplfz,
        {{ sap_base_units('nullif(of_plants.minbm, 0)', 'info_records.umrez', 'info_records.umren') }} as minimum_order_units,
        {{ sap_line_price(
            'of_plants.netpr', 'of_plants.peinh', 'of_plants.bprme', 'info_records.meins', 'info_records.umrez', 'info_records.umren'
        ) }} as unit_price,
        of_plants.waers,
        not ({{ sap_is_set('info_records.loekz') }} or {{ sap_is_set('of_plants.loekz') }})
        and coalesce(vendors.is_active, true)
        and coalesce(source_list.is_blocked, 0) = 0 as is_active,
        coalesce(source_list.is_fixed, 0) as is_fixed,
        case when quotas.parts > 0 then {{ ratio('quotas.parts', 'quotas.all_parts') }} end as share_ratio,
        case when {{ sap_is_set('info_records.relif') }} then 1 else 0 end as is_regular,
        of_plants.source_file_sha256,
        of_plants.source_row_number
    from of_plants
    inner join info_records on of_plants.infnr = info_records.infnr
    left join vendors on info_records.lifnr = vendors.lifnr
    left join source_list
        on info_records.matnr = source_list.matnr
        and of_plants.plant = source_list.werks
        and info_records.lifnr = source_list.lifnr
    left join quotas
        on info_records.matnr = quotas.matnr
        and of_plants.plant = quotas.werks
        and info_records.lifnr = quotas.lifnr
    left join uom_factors
        on info_records.matnr = uom_factors.matnr
        and of_plants.bprme = uom_factors.uom_id
    left join currency_shifts on of_plants.waers = currency_shifts.currency_code

),

final as (

    select
        {{ sap_shown('joined.lifnr') }} as supplier_id,
        coalesce(items.item_id, {{ sap_shown('joined.matnr') }}) as item_id,
        joined.plant as site_id,
        cast(joined.aplfz as decimal(18, 6)) as lead_time_days,
        joined.minimum_order_units,
        joined.unit_price,
        true as is_in_base_uom,
        joined.waers as currency_code,
        -- the fixed vendor, the regular one, then the lower price
        cast(row_number() over (
            partition by joined.matnr, joined.plant
            order by
                case when joined.is_active then 0 else 1 end,
                joined.is_fixed desc,
                joined.is_regular desc,
                joined.unit_price,
                joined.lifnr
        ) as integer) as priority,
        joined.is_active,
        joined.share_ratio,
        joined.source_file_sha256,
        joined.source_row_number
    from joined
    left join items on joined.matnr = items.matnr

)

select * from final
