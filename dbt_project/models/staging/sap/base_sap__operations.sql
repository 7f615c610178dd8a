-- Operations of the routings that make materials, in the version in force on the cycle's first day.
with assignments as (

    select distinct matnr, werks, plnty, plnnr, plnal
    from {{ source('sap', 'mapl') }}
    where plnty in ('N', 'R', '2') and not ({{ sap_is_set('loekz') }})

),

headers as (

    select
        *,
        row_number() over (
            partition by plnty, plnnr, plnal
            order by case when datuv is null or datuv <= {{ sap_cycle_day() }} then 0 else 1 end, datuv desc, zaehl desc
        ) as place
    from {{ source('sap', 'plko') }}

),

nodes as (

    select distinct plnty, plnnr, plnal, plnkn
    from {{ source('sap', 'plas') }}
    where plnfl = '000000' and not ({{ sap_is_set('loekz') }})

),

versions as (

    select
        *,
        row_number() over (
            partition by plnty, plnnr, plnkn
            order by case when datuv is null or datuv <= {{ sap_cycle_day() }} then 0 else 1 end, datuv desc, zaehl desc
        ) as place
    from {{ source('sap', 'plpo') }}

)

select
    assignments.matnr,
    assignments.werks,
    assignments.plnty || assignments.plnnr || '/' || assignments.plnal as routing_alternative_id,
    versions.vornr,
    versions.arbid,
    versions.meinh,
    versions.bmsch,
    versions.vgw01,
    versions.vge01,
    versions.vgw02,
    versions.vge02,
    versions.vgw03,
    versions.vge03,
    versions.aufak,
    versions.datuv,
    row_number() over (
        partition by assignments.matnr, assignments.werks, assignments.plnty, assignments.plnnr, assignments.plnal
        order by versions.vornr
    ) as place,
    versions.source_file_sha256,
    versions.source_row_number
from assignments
inner join headers
    on assignments.plnty = headers.plnty
    and assignments.plnnr = headers.plnnr
    and assignments.plnal = headers.plnal
    and headers.place = 1
    and headers.verwe in ('1', '3')
    and headers.statu in ('2', '4')
    and not ({{ sap_is_set('headers.loekz') }})
inner join nodes
    on assignments.plnty = nodes.plnty
    and assignments.plnnr = nodes.plnnr
    and assignments.plnal = nodes.plnal
inner join versions
    on nodes.plnty = versions.plnty
    and nodes.plnnr = versions.plnnr
    and nodes.plnkn = versions.plnkn
    and versions.place = 1
    and not ({{ sap_is_set('versions.loekz') }})
