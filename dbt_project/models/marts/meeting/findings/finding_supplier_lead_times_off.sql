with

compared as (select * from {{ ref('supplier_lead_times') }}),

found as (

    select
        compared.supplier_id || ' / ' || compared.item_id || ' @ ' || compared.site_id as object_id,
        compared.item_id,
        abs(compared.measured_days - compared.lead_time_days) as quantity,
        compared.value,
        {{ number_words('compared.lead_time_days') }} || ' days stated, ' || {{ number_words('compared.measured_days', 1) }} || ' measured on '
        || {{ count_words('compared.receipts', 'receipts') }} as evidence
    from compared
    where compared.is_off

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
