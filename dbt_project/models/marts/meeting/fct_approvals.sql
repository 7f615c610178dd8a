with

approvals as (select * from {{ source('ingest', 'approvals') }}),

final as (

    select
        approvals.*,
        approvals.act = 'agreed' and approvals.approval_number
        = max(approvals.approval_number) over (partition by approvals.approved_cycle_id) as is_in_force
    from approvals

)

{{ select_contract('final') }}
