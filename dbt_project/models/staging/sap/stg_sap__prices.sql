with validities as (

    select * from {{ source('sap', 'a004') }}
    where kappl = 'V' and kschl = 'PR00'

),

conditions as (

    select * from {{ source('sap', 'konp') }}
    where kopos = '01' and not ({{ sap_is_set('loevm_ko') }})

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

channels as (

    select code, code_text
    from {{ ref('base_sap__texts') }}
    where code_kind = 'channel'

),

final as (

    select
        coalesce(items.item_id, {{ sap_shown('validities.matnr') }}) as item_id,
        coalesce(channels.code_text, validities.vtweg) as channel_id,
        conditions.konwa as currency_code,
        validities.datab as valid_from_date,
        validities.datbi as valid_to_date,
        {{ sap_unit_price('conditions.kbetr', 'currency_shifts.shift', 'conditions.kpein', 'uom_factors.numerator', 'uom_factors.denominator') }} as unit_price,
        validities.source_file_sha256,
        validities.source_row_number
    from validities
    inner join conditions on validities.knumh = conditions.knumh
    left join items on validities.matnr = items.matnr
    left join uom_factors
        on validities.matnr = uom_factors.matnr
        and coalesce(conditions.kmein, items.base_uom_id) = uom_factors.uom_id
    left join currency_shifts on conditions.konwa = currency_shifts.currency_code
    left join channels on validities.vtweg = channels.code

)

select * from final
