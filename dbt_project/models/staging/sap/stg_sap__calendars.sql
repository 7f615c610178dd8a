with months as (

    select * from {{ ref('base_sap__calendar_months') }}

),

numbers as (

    {{ dbt.generate_series(31) }}

),

final as (

    select
        months.calendar_id,
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'months.month_start_date') }} as date) as calendar_date,
        substr(months.days, cast(numbers.generated_number as integer), 1) = '1' as is_working_day,
        months.source_file_sha256,
        months.source_row_number
    from months
    inner join numbers on numbers.generated_number <= length(months.days)

)

select * from final
