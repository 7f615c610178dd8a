with recorded as (

    select
        matnr, bwkey, {{ sap_period('lfgja', 'lfmon') }} as period_start_date,
        vprsv, stprs, verpr, peinh, source_file_sha256, source_row_number
    from {{ source('sap', 'mbew') }}
    where bwtar is null
    union all
    select
        matnr, bwkey, {{ sap_period('lfgja', 'lfmon') }} as period_start_date,
        vprsv, stprs, verpr, peinh, source_file_sha256, source_row_number
    from {{ source('sap', 'mbewh') }}
    where bwtar is null

),

plants as (

    select werks, bwkey, currency_code from {{ ref('base_sap__plants') }}

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

currency_shifts as (

    select * from {{ ref('base_sap__currency_shifts') }}

),

-- Standard or moving average, as the material is controlled, for so many base units. The row of a period also holds for the
-- periods without a row before it: its first day is the one after the period of the row before.
valued as (

    select
        recorded.matnr,
        plants.werks,
        coalesce(
            cast({{ dbt.dateadd('month', 1, 'lag(recorded.period_start_date) over (partition by recorded.matnr, plants.werks order by recorded.period_start_date)') }} as date),
            recorded.period_start_date
        ) as valid_from_date,
        {{ sap_unit_price("case recorded.vprsv when 'S' then recorded.stprs when 'V' then recorded.verpr end", 'currency_shifts.shift', 'recorded.peinh', '1', '1') }} as unit_cost,
        plants.currency_code,
        recorded.source_file_sha256,
        recorded.source_row_number
    from recorded
    inner join plants on recorded.bwkey = plants.bwkey
    left join currency_shifts on plants.currency_code = currency_shifts.currency_code

),

-- A row for every period that had a movement: only changes of the cost are news.
compared as (

    select
        *,
        lag(unit_cost) over (partition by matnr, werks order by valid_from_date) as previous_unit_cost
    from valued

),

final as (

    select
        coalesce(items.item_id, {{ sap_shown('compared.matnr') }}) as item_id,
        compared.werks as site_id,
        compared.valid_from_date,
        compared.unit_cost,
        'stated' as cost_basis,
        compared.currency_code,
        compared.source_file_sha256,
        compared.source_row_number
    from compared
    left join items on compared.matnr = items.matnr
    where compared.previous_unit_cost is null or compared.previous_unit_cost <> compared.unit_cost

)

select * from final
