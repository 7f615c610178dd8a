-- Stock at the end of posting periods. SAP writes the row of a closed period when the next movement comes, so a row also holds
-- for the periods without a row before it, down to the row before; the row of now holds for all periods to come.
with current_stock as (

    select * from {{ source('sap', 'mard') }}

),

closed_periods as (

    select * from {{ source('sap', 'mardh') }}

),

recorded as (

    select
        matnr, werks, lgort, {{ sap_period('lfgja', 'lfmon') }} as period_start_date,
        labst, umlme, insme, speme, einme, retme, klabs, true as is_current, source_file_sha256, source_row_number
    from current_stock
    union all
    select
        matnr, werks, lgort, {{ sap_period('lfgja', 'lfmon') }} as period_start_date,
        labst, umlme, insme, speme, einme, retme, klabs, false as is_current, source_file_sha256, source_row_number
    from closed_periods

),

-- Stock of a location that requirements planning leaves out is nobody's to plan with.
judged as (

    select
        recorded.*,
        coalesce(current_stock.diskz, '') = '1' as is_left_out,
        cast({{ dbt.date_trunc('month', 'current_stock.ersda') }} as date) as created_period_start_date,
        lag(recorded.period_start_date) over (
            partition by recorded.matnr, recorded.werks, recorded.lgort order by recorded.period_start_date
        ) as previous_period_start_date
    from recorded
    left join current_stock
        on recorded.matnr = current_stock.matnr
        and recorded.werks = current_stock.werks
        and recorded.lgort = current_stock.lgort

)

select
    matnr,
    werks,
    lgort,
    -- the first row holds back to the month in which the location got the material
    coalesce(
        cast({{ dbt.dateadd('month', 1, 'previous_period_start_date') }} as date),
        case when created_period_start_date < period_start_date then created_period_start_date end,
        period_start_date
    ) as from_period_start_date,
    case when is_current then cast('9999-12-01' as date) else period_start_date end as to_period_start_date,
    case when is_left_out then 0 else coalesce(labst, 0) + coalesce(umlme, 0) end as unrestricted_units,
    coalesce(insme, 0) as quality_units,
    coalesce(speme, 0) + coalesce(einme, 0) + coalesce(retme, 0)
    + case when is_left_out then coalesce(labst, 0) + coalesce(umlme, 0) else 0 end as blocked_units,
    coalesce(klabs, 0) as consignment_units,
    source_file_sha256,
    source_row_number
from judged
