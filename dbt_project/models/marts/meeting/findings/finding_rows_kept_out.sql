with

kept_out as (select * from {{ ref('fct_quarantined_rows') }}),

found as (

    select
        table_name || ' ' || rule_id || ' ' || row_key || ' row ' || cast(source_row_number as varchar) || ' of '
        || substring(source_file_sha256 from 1 for 8) as object_id,
        item_id,
        cast(null as decimal(18, 3)) as quantity,
        kept_out_value as value,
        problem as evidence
    from kept_out
    where is_lost and problem not like '%{{ no_factor_words() }}%'

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
