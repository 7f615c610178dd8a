with item_sites as (

    select * from {{ ref('base_sap__item_sites') }}

),

items as (

    select * from {{ ref('base_sap__materials') }}

),

plants as (

    select werks, fabkl from {{ ref('base_sap__plants') }}

),

years as (

    select
        calendar_id,
        {{ dbt.date_trunc('year', 'month_start_date') }} as year_start_date,
        sum(working_days) as working_days,
        sum(calendar_days) as calendar_days
    from {{ ref('base_sap__working_days') }}
    group by calendar_id, {{ dbt.date_trunc('year', 'month_start_date') }}

),

-- The cycle's year, else the last one before it, else the first one after.
calendars as (

    select
        calendar_id,
        working_days,
        calendar_days,
        row_number() over (
            partition by calendar_id
            order by
                case when year_start_date <= {{ sap_cycle_day() }} then 0 else 1 end,
                case when year_start_date <= {{ sap_cycle_day() }} then {{ dbt.datediff('year_start_date', sap_cycle_day(), 'day') }} end,
                year_start_date
        ) as place
    from years

),

final as (

    select
        coalesce(items.item_id, {{ sap_shown('item_sites.matnr') }}) as item_id,
        item_sites.werks as site_id,
        item_sites.procurement_type,
        item_sites.eisbe as safety_stock_units,
        nullif(item_sites.mabst, 0) as maximum_stock_units,
        -- Working days into calendar days. A phantom is never made for stock: it takes no time of its own.
        case
            when item_sites.procurement_type not in ('make', 'both') then cast(null as decimal(18, 6))
            when item_sites.sobsl = '50' then cast(0 as decimal(18, 6))
            else {{ rounded(
                'cast(item_sites.dzeit as double precision) * cast(calendars.calendar_days as double precision)'
                ~ ' / nullif(cast(calendars.working_days as double precision), 0)',
                'decimal(18,6)',
            ) }}
        end as make_lead_time_days,
        coalesce(nullif(item_sites.bstfe, 0), nullif(item_sites.bstmi, 0)) as lot_minimum_units,
        coalesce(nullif(item_sites.bstfe, 0), nullif(item_sites.bstrf, 0)) as lot_multiple_units,
        item_sites.minbe as reorder_point_units,
        cast(nullif(item_sites.plifz, 0) as decimal(18, 6)) as purchase_lead_time_days,
        nullif(item_sites.bstma, 0) as lot_maximum_units,
        {{ rounded(
            'cast(item_sites.shzet as double precision) * cast(calendars.calendar_days as double precision)'
            ~ ' / nullif(cast(calendars.working_days as double precision), 0)',
            'decimal(18,6)',
        ) }} as safety_time_days,
        item_sites.maabc as abc_class,
        item_sites.dispo as planner_id,
        item_sites.source_file_sha256,
        item_sites.source_row_number
    from item_sites
    left join items on item_sites.matnr = items.matnr
    left join plants on item_sites.werks = plants.werks
    left join calendars on plants.fabkl = calendars.calendar_id and calendars.place = 1

)

select * from final
