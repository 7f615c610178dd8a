with operations as (

    select * from {{ source('erpnext', 'bom_operation') }}

),

bills as (

    select * from {{ ref('base_erpnext__bills') }}

),

supplement as (

    select * from {{ source('erpnext', 'supplement_routing_operations') }}

),

numbered as (

    select
        operations.*,
        coalesce(nullif(operations.sequence_id, 0), operations.idx) as sequence
    from operations

),

-- What a bill does at one workstation in one step is one operation: a fixed time is its set-up, the others grow with the
-- order. Minutes are of the bill's quantity times the batch size.
measured as (

    select
        bills.item_id,
        bills.site_id,
        bills.alternative_id as routing_alternative_id,
        bills.bom,
        bills.process_loss_percentage,
        numbered.sequence,
        numbered.workstation,
        sum(
            case when numbered.fixed_time then 0
                else {{ ratio(
                    'numbered.time_in_mins',
                    'bills.quantity * coalesce(nullif(numbered.batch_size, 0), 1) * 60',
                    'double precision',
                ) }}
            end
        ) as run_hours,
        sum(case when numbered.fixed_time then cast(numbered.time_in_mins as double precision) / 60.0 else 0 end)
            as setup_hours,
        min(numbered.operation) as operation_name,
        min(numbered.idx) as first_idx,
        min(numbered.source_file_sha256) as source_file_sha256,
        cast(min(numbered.source_row_number) as integer) as source_row_number
    from numbered
    inner join bills on numbered.parent = bills.bom
    group by
        bills.item_id, bills.site_id, bills.alternative_id, bills.bom, bills.process_loss_percentage,
        numbered.sequence, numbered.workstation

),

-- Steps that run side by side share their sequence: then the line number tells them apart.
told_apart as (

    select
        measured.*,
        case
            when count(*) over (partition by item_id, site_id, bom, sequence) = 1 then cast(sequence as varchar)
            else cast(sequence as varchar) || '.' || cast(first_idx as varchar)
        end as operation_number,
        row_number() over (partition by item_id, site_id, bom order by sequence desc, first_idx desc) as place_from_last
    from measured

),

final as (

    select
        told_apart.item_id,
        told_apart.site_id,
        told_apart.routing_alternative_id,
        told_apart.operation_number,
        told_apart.workstation as resource_id,
        {{ rounded('told_apart.run_hours', 'decimal(18,6)') }} as run_hours_per_unit,
        {{ rounded('told_apart.setup_hours', 'decimal(18,6)') }} as setup_hours_per_lot,
        -- The process loss of a bill is of its output: it stands at the last operation.
        {{ rounded(
            'coalesce(cast(supplement.yield_ratio as double precision), case when told_apart.place_from_last = 1'
            ~ ' then 1 - cast(coalesce(told_apart.process_loss_percentage, 0) as double precision) / 100.0 else 1 end)',
            'decimal(18,6)',
        ) }} as yield_ratio,
        supplement.valid_from_date,
        supplement.valid_to_date,
        told_apart.operation_name,
        told_apart.source_file_sha256,
        told_apart.source_row_number
    from told_apart
    left join supplement
        on told_apart.item_id = supplement.item_id
        and told_apart.site_id = supplement.site_id
        and told_apart.routing_alternative_id = supplement.routing_alternative_id
        and told_apart.operation_number = supplement.operation_number

)

select * from final
