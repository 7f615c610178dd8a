with

kept_out as (select * from {{ ref('fct_quarantined_rows') }}),

found as (

    select
        table_name || ' ' || row_key || ' row ' || cast(source_row_number as varchar) as object_id,
        item_id,
        cast(null as decimal(18, 3)) as quantity,
        kept_out_value as value,
        coalesce(supplier_id || ', ', '') || coalesce(item_id, 'item not named') || ': no factor from its unit to the base unit' as evidence
    from kept_out
    where is_lost and problem like '%{{ no_factor_words() }}%'

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
