with vendors as (

    select * from {{ source('sap', 'lfa1') }}

),

-- Terms of the first purchasing organisation that may order, else of the first.
organisations as (

    select
        *,
        not ({{ sap_is_set('sperm') }} or {{ sap_is_set('loevm') }}) as may_order,
        row_number() over (
            partition by lifnr
            order by case when {{ sap_is_set('sperm') }} or {{ sap_is_set('loevm') }} then 1 else 0 end, ekorg
        ) as place
    from {{ source('sap', 'lfm1') }}

)

select
    vendors.lifnr,
    {{ sap_shown('vendors.lifnr') }} as supplier_id,
    vendors.name1,
    vendors.land1,
    organisations.waers as currency_code,
    organisations.zterm as payment_term_id,
    not ({{ sap_is_set('vendors.loevm') }} or {{ sap_is_set('vendors.sperm') }})
    and coalesce(organisations.may_order, true) as is_active,
    vendors.source_file_sha256,
    vendors.source_row_number
from vendors
left join organisations on vendors.lifnr = organisations.lifnr and organisations.place = 1
