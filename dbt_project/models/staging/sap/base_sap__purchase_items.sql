-- Items of purchase orders and scheduling agreements for materials, with what makes them orders or stock transports.
with documents as (

    select * from {{ source('sap', 'ekko') }}

),

document_items as (

    select * from {{ source('sap', 'ekpo') }}
    where matnr is not null and pstyp <> '9' and not ({{ sap_is_set('retpo') }})

)

select
    document_items.*,
    documents.lifnr,
    documents.reswk,
    documents.bedat,
    documents.waers,
    document_items.pstyp = '7' and documents.reswk is not null as is_stock_transport
from document_items
left join documents on document_items.ebeln = documents.ebeln
where documents.ebeln is null or documents.bstyp in ('F', 'L')
