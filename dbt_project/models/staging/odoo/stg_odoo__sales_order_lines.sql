with order_lines as (
    select
        *,
        is_order_cancelled or (moves > 0 and moves_cancelled = moves) as is_cancelled
    from {{ ref('base_odoo__order_lines') }}
),

moved as (
    select
        sale_line_id,
        sum(units) as units
    from (
        select sale_line_id, units from {{ ref('base_odoo__deliveries') }}
        where not is_return_without_order

        union all

        select sale_line_id, moved_units as units from {{ ref('base_odoo__moves') }}
        where state not in ('done', 'cancel') and sale_line_id is not null and bom_line_id is null
            and (to_usage = 'customer' or from_usage = 'customer')
    ) as done_and_open
    group by sale_line_id
),

-- Of a line that was delivered in part, what its cancelled movements leave is not wanted any more.
split as (
    select
        order_lines.*,
        case
            when not order_lines.is_cancelled and order_lines.moves_cancelled > 0
                and coalesce(moved.units, 0) < order_lines.ordered_units
                then order_lines.ordered_units - coalesce(moved.units, 0)
            else 0
        end as given_up_units
    from order_lines
    left join moved on order_lines.sale_line_id = moved.sale_line_id
),

parts as (
    select
        split.*,
        line_id as part_id,
        cast(ordered_units - given_up_units as decimal(18, 3)) as part_units,
        is_cancelled as is_part_cancelled
    from split

    union all

    select
        split.*,
        line_id || '-cancelled' as part_id,
        cast(given_up_units as decimal(18, 3)) as part_units,
        true as is_part_cancelled
    from split
    where given_up_units > 0
),

returns as (
    select * from {{ ref('base_odoo__deliveries') }}
    where is_return_without_order
)

select
    order_id,
    part_id as line_id,
    case when is_return then 'return' else 'order' end as order_type,
    customer_id,
    channel_id,
    item_id,
    site_id,
    ordered_date,
    requested_date,
    confirmed_date,
    requested_date as demand_date,
    requested_date as recorded_demand_date,
    part_units as ordered_units,
    unit_price,
    case
        when given_up_units = 0 then net_amount
        else {{ rounded('cast(net_amount * part_units as double precision) / cast(nullif(ordered_units, 0) as double precision)', 'decimal(18,4)') }}
    end as net_amount,
    currency_code,
    is_part_cancelled as is_cancelled,
    activity_id,
    changed_at,
    source_file_sha256,
    source_row_number
from parts

union all

select
    order_id,
    order_line_id as line_id,
    'return' as order_type,
    customer_id,
    channel_id,
    item_id,
    site_id,
    moved_date as ordered_date,
    moved_date as requested_date,
    moved_date as confirmed_date,
    moved_date as demand_date,
    moved_date as recorded_demand_date,
    units as ordered_units,
    unit_price,
    {{ product('unit_price', 'cast(units as double precision)') }} as net_amount,
    currency_code,
    false as is_cancelled,
    cast(null as varchar) as activity_id,
    cast(null as timestamp) as changed_at,
    source_file_sha256,
    source_row_number
from returns
