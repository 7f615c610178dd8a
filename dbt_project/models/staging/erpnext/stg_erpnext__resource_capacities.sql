with workstations as (

    select * from {{ source('erpnext', 'workstation') }}

),

shifts as (

    select * from {{ source('erpnext', 'workstation_working_hour') }}
    where enabled

),

warehouses as (

    select * from {{ source('erpnext', 'warehouse') }}

),

companies as (

    select * from {{ source('erpnext', 'company') }}

),

working_days as (

    select * from {{ ref('base_erpnext__working_days') }}

),

home_company as (

    select * from {{ ref('base_erpnext__home_company') }}

),

supplement as (

    select * from {{ source('erpnext', 'supplement_resource_capacities') }}

),

-- Times are written 6:00:00 or 06:00:00.000000; a shift over midnight ends before it starts.
timed as (

    select
        parent as workstation,
        cast(split_part(start_time, ':', 1) as integer) * 60 + cast(split_part(start_time, ':', 2) as integer) as start_minute,
        cast(split_part(end_time, ':', 1) as integer) * 60 + cast(split_part(end_time, ':', 2) as integer) as end_minute
    from shifts

),

daily as (

    select
        workstation,
        sum(
            case when end_minute > start_minute then end_minute - start_minute else end_minute + 1440 - start_minute end
        ) as minutes,
        count(*) as shift_count
    from timed
    group by workstation

),

-- Months before anything was made are told of nobody.
first_month as (

    select
        coalesce(
            min({{ month_of('coalesce(actual_end_date, posting_date)') }}),
            {{ cycle_month("'" ~ env_var('SOP_CYCLE_ID') ~ "'") }}
        ) as period_start_date
    from {{ source('erpnext', 'job_card') }}
    where docstatus = 1

),

calendar as (

    select
        workstations.name as resource_id,
        working_days.period_start_date,
        {{ rounded(
            'cast(working_days.working_days as double precision) * daily.minutes'
            ~ ' * coalesce(nullif(workstations.production_capacity, 0), 1) / 60.0',
            'decimal(18,4)',
        ) }} as available_hours,
        daily.shift_count,
        coalesce(nullif(workstations.production_capacity, 0), 1) as parallel_units
    from workstations
    cross join home_company
    inner join daily on workstations.name = daily.workstation
    left join warehouses on workstations.warehouse = warehouses.name
    left join companies on warehouses.company = companies.name
    inner join working_days
        on coalesce(workstations.holiday_list, companies.default_holiday_list, home_company.default_holiday_list)
        = working_days.holiday_list
    inner join first_month on working_days.period_start_date >= first_month.period_start_date

),

keys as (

    select resource_id, period_start_date from calendar
    union
    select resource_id, period_start_date from supplement

),

-- ERPNext knows no overtime: without the supplement there is none, and it would cost what an hour costs.
final as (

    select
        keys.resource_id,
        keys.period_start_date,
        coalesce(supplement.available_hours, calendar.available_hours) as available_hours,
        coalesce(supplement.available_hours, calendar.available_hours) as stated_hours,
        cast(coalesce(supplement.overtime_maximum_hours, 0) as decimal(18, 4)) as overtime_maximum_hours,
        cast(coalesce(supplement.overtime_cost_per_hour, workstations.hour_rate) as decimal(18, 6)) as overtime_cost_per_hour,
        cast(calendar.parallel_units as decimal(18, 3)) as parallel_units,
        cast(calendar.shift_count as decimal(18, 3)) as shift_count,
        coalesce(supplement.source_file_sha256, workstations.source_file_sha256) as source_file_sha256,
        coalesce(supplement.source_row_number, workstations.source_row_number) as source_row_number
    from keys
    left join calendar
        on keys.resource_id = calendar.resource_id
        and keys.period_start_date = calendar.period_start_date
    left join supplement
        on keys.resource_id = supplement.resource_id
        and keys.period_start_date = supplement.period_start_date
    left join workstations on keys.resource_id = workstations.name

)

select * from final
