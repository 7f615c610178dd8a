with work_centres as (

    select * from {{ source('sap', 'crhd') }}
    where objty = 'A'

),

assignments as (

    select * from {{ source('sap', 'crca') }}
    where objty = 'A'

),

capacities as (

    select * from {{ source('sap', 'kako') }}

),

plants as (

    select werks, fabkl from {{ ref('base_sap__plants') }}

),

joined as (

    select
        work_centres.objid,
        work_centres.arbpl,
        work_centres.werks,
        capacities.kapar,
        work_centres.werks || '/' || work_centres.arbpl || '/' || capacities.kapar as resource_id,
        -- Without formulas a labour capacity is loaded by labour time, any other by setup and machine time.
        case
            when assignments.fork1 is null and assignments.fork2 is null and capacities.kapar <> '002' then 'SAP001'
            else assignments.fork1
        end as setup_formula,
        case
            when assignments.fork2 is not null then assignments.fork2
            when assignments.fork1 is null and capacities.kapar = '002' then 'SAP003'
            when assignments.fork1 is null then 'SAP002'
        end as run_formula,
        cast((capacities.endzt - capacities.begzt - coalesce(capacities.pause, 0)
            + case when capacities.endzt <= capacities.begzt then 86400 else 0 end) as double precision)
        / cast(3600 as double precision)
        * cast(capacities.aznor * capacities.ngrad as double precision) / cast(100 as double precision) as hours_per_day,
        coalesce(capacities.kalid, plants.fabkl) as calendar_id,
        row_number() over (
            partition by work_centres.objid, capacities.kapar order by assignments.canum
        ) as place,
        work_centres.source_file_sha256,
        work_centres.source_row_number
    from work_centres
    inner join assignments on work_centres.objid = assignments.objid
    inner join capacities on assignments.kapid = capacities.kapid
    left join plants on work_centres.werks = plants.werks

)

-- A work centre may have one capacity of a category; a further one (a pool) is another work centre's.
select *
from joined
where place = 1
