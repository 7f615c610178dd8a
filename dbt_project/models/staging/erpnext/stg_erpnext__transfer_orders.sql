with entries as (

    select * from {{ source('erpnext', 'stock_entry') }}
    where docstatus = 1 and purpose = 'Material Transfer'

),

entry_lines as (

    select * from {{ source('erpnext', 'stock_entry_detail') }}

),

requests as (

    select * from {{ source('erpnext', 'material_request_item') }}

),

warehouses as (

    select * from {{ ref('base_erpnext__warehouses') }}

),

item_codes as (

    select * from {{ ref('base_erpnext__item_codes') }}

),

-- The second half of a transfer over a transit warehouse: what arrived of a row that had left.
arrivals as (

    select
        entry_lines.ste_detail,
        max(entries.posting_date) as arrived_date,
        sum(entry_lines.transfer_qty) as arrived_qty,
        min(entry_lines.t_warehouse) as t_warehouse
    from entry_lines
    inner join entries on entry_lines.parent = entries.name
    where entries.outgoing_stock_entry is not null
    group by entry_lines.ste_detail

),

departures as (

    select
        entry_lines.parent || case when entry_lines.idx = 1 then '' else '/' || cast(entry_lines.idx as varchar) end
            as transfer_order_id,
        entries.posting_date,
        entries.add_to_transit,
        entry_lines.item_code,
        entry_lines.stock_uom,
        entry_lines.s_warehouse,
        -- Where goods on the road go to, the arrival says, and until then who asked for them.
        case when entries.add_to_transit then coalesce(arrivals.t_warehouse, requests.warehouse) else entry_lines.t_warehouse end
            as t_warehouse,
        requests.schedule_date,
        entry_lines.transfer_qty,
        case when entries.add_to_transit then coalesce(arrivals.arrived_qty, 0) else entry_lines.transfer_qty end as arrived_qty,
        case when entries.add_to_transit then arrivals.arrived_date else entries.posting_date end as arrived_date,
        entry_lines.source_file_sha256,
        entry_lines.source_row_number
    from entry_lines
    inner join entries on entry_lines.parent = entries.name
    left join arrivals on entry_lines.name = arrivals.ste_detail
    left join requests on entry_lines.material_request_item = requests.name
    where entries.outgoing_stock_entry is null

),

-- What is still on the road of a transfer that arrived in part.
under_way as (

    select
        departures.*,
        case when arrived_qty >= transfer_qty then transfer_qty else transfer_qty - arrived_qty end as shipped_qty,
        arrived_qty >= transfer_qty as is_received
    from departures

),

final as (

    select
        under_way.transfer_order_id,
        coalesce(item_codes.item_id, under_way.item_code) as item_id,
        from_warehouses.site_id as from_site_id,
        to_warehouses.site_id as to_site_id,
        under_way.posting_date as shipped_date,
        coalesce(under_way.schedule_date, under_way.arrived_date) as due_date,
        case when under_way.is_received then under_way.arrived_date end as received_date,
        {{ stock_units('under_way', 'item_codes', 'shipped_qty') }} as shipped_units,
        case when under_way.is_received then 'received' else 'in_transit' end as order_status,
        under_way.source_file_sha256,
        under_way.source_row_number
    from under_way
    left join warehouses as from_warehouses on under_way.s_warehouse = from_warehouses.warehouse
    left join warehouses as to_warehouses on under_way.t_warehouse = to_warehouses.warehouse
    left join item_codes on under_way.item_code = item_codes.item_code
    where {{ is_of_goods('item_codes') }}
        -- Within a site nothing is on the road.
        and coalesce(from_warehouses.site_id, '') <> coalesce(to_warehouses.site_id, '')

)

select * from final
