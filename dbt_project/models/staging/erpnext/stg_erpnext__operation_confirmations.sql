with job_cards as (

    select * from {{ source('erpnext', 'job_card') }}
    where docstatus = 1

),

-- A step may be worked in several cards, and steps side by side share their sequence.
worked as (

    select
        work_order,
        coalesce(cast(nullif(sequence_id, 0) as varchar), operation) as step,
        workstation,
        max(coalesce(actual_end_date, posting_date)) as confirmed_date,
        sum(total_time_in_mins) as minutes,
        min(name) as first_card,
        min(source_file_sha256) as source_file_sha256,
        cast(min(source_row_number) as integer) as source_row_number
    from job_cards
    group by work_order, coalesce(cast(nullif(sequence_id, 0) as varchar), operation), workstation

),

final as (

    select
        work_order as production_order_id,
        case
            when count(*) over (partition by work_order, step) = 1 then step
            else step || '.' || cast(row_number() over (partition by work_order, step order by first_card) as varchar)
        end as operation_number,
        workstation as resource_id,
        confirmed_date,
        {{ ratio('minutes', '60', 'decimal(18,4)') }} as confirmed_hours,
        source_file_sha256,
        source_row_number
    from worked

)

select * from final
