with locations as (

    select * from {{ source('adventureworks', 'location') }}

),

operations as (

    select * from {{ source('adventureworks', 'work_order_routing') }}

),

company as (

    select * from {{ ref('base_adventureworks__company') }}

),

numbers as (

    {{ dbt.generate_series(240) }}

),

work_centres as (

    select * from locations where cost_rate > 0

),

logged as (

    select
        location_id,
        cast({{ dbt.date_trunc('month', 'actual_end_date') }} as date) as period_start_date,
        sum(actual_resource_hours) as hours
    from operations
    where actual_end_date is not null
    group by location_id, cast({{ dbt.date_trunc('month', 'actual_end_date') }} as date)

),

last_twelve_months as (

    select
        work_centres.location_id,
        coalesce(logged.hours, 0) as hours,
        row_number() over (
            partition by work_centres.location_id order by coalesce(logged.hours, 0), numbers.generated_number
        ) - 1 as place,
        company.capacity_quantile * 11 as quantile_place
    from work_centres
    cross join company
    inner join numbers on numbers.generated_number <= 12
    left join logged
        on work_centres.location_id = logged.location_id
        and logged.period_start_date = cast({{ dbt.dateadd('month', '-numbers.generated_number', 'company.cycle_start_date') }} as date)

),

-- Between two months' hours the quantile is interpolated: a month weighs in by how near it stands to the quantile's place.
demonstrated as (

    select
        location_id,
        sum({{ rounded('
            cast(hours as double precision)
            * case
                when abs(cast(place as double precision) - cast(quantile_place as double precision)) < 1
                    then 1 - abs(cast(place as double precision) - cast(quantile_place as double precision))
                when quantile_place is not null then 0
            end
        ', 'decimal(18,4)') }}) as hours
    from last_twelve_months
    group by location_id

),

first_logged_month as (

    select min(period_start_date) as period_start_date from logged

),

months as (

    select cast({{ dbt.dateadd('month', 'numbers.generated_number - 1', 'first_logged_month.period_start_date') }} as date)
        as period_start_date
    from numbers
    cross join first_logged_month

),

final as (

    select
        cast(work_centres.location_id as varchar) as resource_id,
        months.period_start_date,
        cast(demonstrated.hours as decimal(18, 4)) as available_hours,
        -- Hours of no stated period; the month is the longest that they could be meant for.
        cast(work_centres.availability_hours as decimal(18, 4)) as stated_hours,
        {{ product('demonstrated.hours', 'company.overtime_maximum_ratio') }} as overtime_maximum_hours,
        {{ product('work_centres.cost_rate', 'company.overtime_cost_factor', 'decimal(18,6)') }} as overtime_cost_per_hour,
        work_centres.source_file_sha256,
        work_centres.source_row_number
    from work_centres
    inner join demonstrated on work_centres.location_id = demonstrated.location_id
    cross join company
    inner join months
        on months.period_start_date < cast({{ dbt.dateadd('month', 36, 'company.cycle_start_date') }} as date)

)

select * from final
