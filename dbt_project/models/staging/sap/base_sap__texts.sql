with language as (

    select spras from {{ ref('base_sap__language') }}

),

delivered as (

    select 'hierarchy' as code_kind, spras, prodh as code, vtext as code_text, length(prodh) as code_length
    from {{ source('sap', 't179t') }}
    union all
    select 'channel' as code_kind, spras, vtweg as code, vtext as code_text, 0 as code_length
    from {{ source('sap', 'tvtwt') }}
    union all
    select 'customer_group' as code_kind, spras, kdgrp as code, ktext as code_text, 0 as code_length
    from {{ source('sap', 't151t') }}
    union all
    select 'district' as code_kind, spras, bzirk as code, bztxt as code_text, 0 as code_length
    from {{ source('sap', 't171t') }}

),

in_language as (

    select delivered.code_kind, delivered.code, delivered.code_text, delivered.code_length
    from delivered
    inner join language on delivered.spras = language.spras
    where delivered.code_text is not null

),

-- Two codes of one text would become one family, channel or region: they keep their codes.
unique_texts as (

    select code_kind, code_length, code_text
    from in_language
    group by code_kind, code_length, code_text
    having min(code) = max(code)

)

select in_language.code_kind, in_language.code, in_language.code_text
from in_language
inner join unique_texts
    on in_language.code_kind = unique_texts.code_kind
    and in_language.code_length = unique_texts.code_length
    and in_language.code_text = unique_texts.code_text
