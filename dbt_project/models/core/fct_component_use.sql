{#- Components by the month in which orders were started: what was taken from stock for them, and what their bills call for before any loss
    of the component. Only components whose every line at the site says how much one unit takes: no phantom, no fixed quantity of
    a lot, no alternative, no part of a phantom, whose orders nobody opens. -#}
with

cycle as (select * from {{ ref('dim_cycle') }}),

bom_lines as (select * from {{ ref('bom_lines') }}),

production_orders as (select * from {{ ref('production_orders') }}),

inventory_movements as (select * from {{ ref('inventory_movements') }}),

since as (

    select
        cycle_start_date,
        {{ months_after('cycle_start_date', '-' ~ parameter_review_months()) }} as first_date
    from cycle

),

phantoms as (

    select distinct
        component_item_id as item_id,
        site_id
    from bom_lines
    where is_phantom

),

untold as (

    select distinct
        bom_lines.component_item_id as item_id,
        bom_lines.site_id
    from bom_lines
    left join phantoms
        on
            bom_lines.parent_item_id = phantoms.item_id
            and bom_lines.site_id = phantoms.site_id
    where
        phantoms.item_id is not null
        or coalesce(bom_lines.is_phantom, false)
        or coalesce(bom_lines.is_fixed_quantity, false)
        or bom_lines.alternative_group_id is not null

),

default_alternatives as (

    select
        bom_lines.parent_item_id,
        bom_lines.site_id,
        min(bom_lines.bom_alternative_id) as bom_alternative_id
    from bom_lines
    cross join cycle
    where {{ in_force('cycle.cycle_start_date', 'bom_lines') }}
    group by bom_lines.parent_item_id, bom_lines.site_id

),

started as (

    select
        production_orders.production_order_id,
        production_orders.item_id,
        production_orders.site_id,
        production_orders.start_date,
        {{ month_of('production_orders.start_date') }} as period_start_date,
        case
            when production_orders.completed_date is null then production_orders.ordered_units
            else production_orders.completed_units + production_orders.scrapped_units
        end as started_units
    from production_orders
    cross join since
    where
        production_orders.order_status <> 'cancelled'
        and production_orders.start_date >= since.first_date
        and production_orders.start_date < since.cycle_start_date

),

-- Of one component's lines the latest start counts, as in fct_bill_of_materials; here on the day the order was started.
lines_of_orders as (

    select
        started.production_order_id,
        started.site_id,
        started.period_start_date,
        started.started_units,
        bom_lines.component_item_id,
        bom_lines.component_units,
        bom_lines.scrap_ratio,
        coalesce(bom_lines.valid_from_date, {{ first_day_of_all() }}) as line_start,
        max(coalesce(bom_lines.valid_from_date, {{ first_day_of_all() }})) over (
            partition by started.production_order_id, bom_lines.component_item_id
        ) as latest_start
    from started
    inner join default_alternatives
        on
            started.item_id = default_alternatives.parent_item_id
            and started.site_id = default_alternatives.site_id
    inner join bom_lines
        on
            default_alternatives.parent_item_id = bom_lines.parent_item_id
            and default_alternatives.site_id = bom_lines.site_id
            and default_alternatives.bom_alternative_id = bom_lines.bom_alternative_id
    where {{ in_force('started.start_date', 'bom_lines') }}

),

called as (

    select
        component_item_id as item_id,
        site_id,
        period_start_date,
        sum({{ product('started_units', 'component_units') }}) as required_units,
        sum({{ ratio('started_units * component_units', '1 - scrap_ratio') }}) as planned_units,
        sum(ceil({{ ratio('started_units * component_units', '1 - scrap_ratio', 'decimal(18,3)') }})) as whole_units
    from lines_of_orders
    where line_start = latest_start
    group by component_item_id, site_id, period_start_date

),

-- What is only ever taken in whole units is taken rounded up: that is no loss.
taken as (

    select
        item_id,
        site_id,
        {{ month_of('posted_date') }} as period_start_date,
        -sum(moved_units) as consumed_units,
        min(min(case when moved_units = floor(moved_units) then 1 else 0 end)) over (partition by item_id, site_id) = 1 as is_whole
    from inventory_movements
    where movement_type = 'consumption'
    group by item_id, site_id, {{ month_of('posted_date') }}

),

final as (

    select
        called.item_id,
        called.site_id,
        called.period_start_date,
        cast(called.required_units as decimal(18, 4)) as required_units,
        cast(called.planned_units as decimal(18, 6)) as planned_units,
        cast(case when taken.is_whole then called.whole_units - called.planned_units else 0 end as decimal(18, 6)) as rounded_up_units,
        cast(taken.consumed_units as decimal(18, 3)) as consumed_units
    from called
    inner join taken
        on
            called.item_id = taken.item_id
            and called.site_id = taken.site_id
            and called.period_start_date = taken.period_start_date
    left join untold
        on
            called.item_id = untold.item_id
            and called.site_id = untold.site_id
    where untold.item_id is null and called.required_units > 0 and taken.consumed_units > 0

)

{{ select_contract('final') }}
