with stock_periods as (

    select * from {{ ref('base_sap__stock_periods') }}

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

numbers as (

    {{ dbt.generate_series(180) }}

),

-- Closed months, the last fifteen years at most.
months as (

    select cast({{ dbt.dateadd('month', '-generated_number', sap_cycle_day()) }} as date) as month_start_date
    from numbers

),

month_ends as (

    select
        stock_periods.matnr,
        stock_periods.werks,
        {{ dbt.last_day('months.month_start_date', 'month') }} as snapshot_date,
        sum(stock_periods.unrestricted_units) as unrestricted_units,
        sum(stock_periods.quality_units) as quality_units,
        sum(stock_periods.blocked_units) as blocked_units,
        sum(stock_periods.consignment_units) as consignment_units,
        min(stock_periods.source_file_sha256) as source_file_sha256,
        min(stock_periods.source_row_number) as source_row_number
    from stock_periods
    inner join months
        on months.month_start_date >= stock_periods.from_period_start_date
        and months.month_start_date <= stock_periods.to_period_start_date
    group by stock_periods.matnr, stock_periods.werks, {{ dbt.last_day('months.month_start_date', 'month') }}

),

-- That nothing is left is said of the free stock, not of every status.
by_status as (

    select
        matnr, werks, snapshot_date, 'unrestricted' as stock_status,
        cast(unrestricted_units as decimal(18, 3)) as on_hand_units, source_file_sha256, source_row_number
    from month_ends
{%- for status in ['quality', 'blocked', 'consignment'] %}
    union all
    select
        matnr, werks, snapshot_date, '{{ status }}' as stock_status,
        cast({{ status }}_units as decimal(18, 3)) as on_hand_units, source_file_sha256, source_row_number
    from month_ends
    where {{ status }}_units <> 0
{%- endfor %}

),

final as (

    select
        by_status.snapshot_date,
        coalesce(items.item_id, {{ sap_shown('by_status.matnr') }}) as item_id,
        by_status.werks as site_id,
        by_status.stock_status,
        by_status.on_hand_units,
        true as is_dated,
        by_status.source_file_sha256,
        by_status.source_row_number
    from by_status
    left join items on by_status.matnr = items.matnr

)

select * from final
