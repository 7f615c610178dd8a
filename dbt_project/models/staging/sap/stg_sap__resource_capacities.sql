with work_centre_capacities as (

    select * from {{ ref('base_sap__work_centre_capacities') }}

),

working_days as (

    select * from {{ ref('base_sap__working_days') }}

),

resources as (

    select resource_id, cost_per_hour from {{ ref('stg_sap__resources') }}

),

agreed as (

    select * from {{ source('sap', 'supplement_resource_capacities') }}

),

standard as (

    select
        work_centre_capacities.resource_id,
        working_days.month_start_date as period_start_date,
        {{ product('work_centre_capacities.hours_per_day', 'working_days.working_days') }} as available_hours,
        work_centre_capacities.source_file_sha256,
        work_centre_capacities.source_row_number
    from work_centre_capacities
    inner join working_days on work_centre_capacities.calendar_id = working_days.calendar_id

),

months as (

    select resource_id, period_start_date from standard
    union
    select resource_id, period_start_date from agreed

),

final as (

    select
        months.resource_id,
        months.period_start_date,
        coalesce(agreed.available_hours, standard.available_hours) as available_hours,
        coalesce(agreed.available_hours, standard.available_hours) as stated_hours,
        coalesce(agreed.overtime_maximum_hours, 0) as overtime_maximum_hours,
        coalesce(agreed.overtime_cost_per_hour, resources.cost_per_hour) as overtime_cost_per_hour,
        coalesce(agreed.source_file_sha256, standard.source_file_sha256) as source_file_sha256,
        coalesce(agreed.source_row_number, standard.source_row_number) as source_row_number
    from months
    left join standard
        on months.resource_id = standard.resource_id
        and months.period_start_date = standard.period_start_date
    left join agreed
        on months.resource_id = agreed.resource_id
        and months.period_start_date = agreed.period_start_date
    left join resources on months.resource_id = resources.resource_id

)

select * from final
