-- The only supplier of an item fails: in how many of the months in which it owed something every line of the item lost a whole month's
-- supply or more, drawn towards the record of all purchases as far as its own is short; and the demand that hangs on the item
-- for the lead time that another supplier would need at the least, less what the stock covers.
with

cycle as (select * from {{ ref('dim_cycle') }}),

lines as (select * from {{ ref('purchase_line_results') }}),

sources as (select * from {{ ref('fct_supply_strategy') }}),

hanging as (select * from {{ ref('hanging_monthly') }}),

positions as (select * from {{ ref('fct_inventory_position') }}),

safety_stocks as (select * from {{ source('planning', 'safety_stocks') }}),

months_of_item as (

    select
        supplier_id,
        item_id,
        site_id,
        period_start_date,
        case when min(lost_months) >= {{ risk_failure_months() }} then 1 else 0 end as is_failed
    from lines
    group by supplier_id, item_id, site_id, period_start_date

),

item_record as (

    select
        supplier_id,
        item_id,
        site_id,
        count(*) as chance_count,
        sum(is_failed) as hit_count
    from months_of_item
    group by supplier_id, item_id, site_id

),

all_records as (

    select {{ ratio('sum(hit_count)', 'sum(chance_count)') }} as hit_ratio
    from item_record

),

single as (

    select
        sources.item_id,
        sources.site_id,
        coalesce(item_record.hit_count, 0) as hit_count,
        coalesce(item_record.chance_count, 0) as chance_count,
        all_records.hit_ratio,
        greatest(
            sources.lead_time_months
            - coalesce({{ ratio('positions.usable_units', 'safety_stocks.demand_units_per_month') }}, 0),
            0
        ) as lost_months,
        hanging.units_per_month,
        hanging.margin_per_month
    from sources
    cross join all_records
    inner join hanging
        on
            hanging.object_type = 'item_site'
            and sources.item_id || '@' || sources.site_id = hanging.object_id
    left join item_record
        on
            sources.supplier_id = item_record.supplier_id
            and sources.item_id = item_record.item_id
            and sources.site_id = item_record.site_id
    left join positions
        on
            sources.item_id = positions.item_id
            and sources.site_id = positions.site_id
    left join safety_stocks
        on
            sources.item_id = safety_stocks.item_id
            and sources.site_id = safety_stocks.site_id
    where sources.is_single_source and sources.source_type = 'buy'

)

select
    'single_source' as risk_kind,
    'item_site' as object_type,
    single.item_id || '@' || single.site_id as object_id,
    cycle.cycle_start_date as period_start_date,
    'months_of_item' as likelihood_basis,
    single.hit_count,
    single.chance_count,
    {{ ratio(
        'single.hit_count + ' ~ risk_prior_chances() ~ ' * single.hit_ratio', 'single.chance_count + ' ~ risk_prior_chances()
    ) }} as likelihood_ratio,
    'hanging_demand' as impact_basis,
    {{ product('single.lost_months', 'single.units_per_month', 'decimal(18,3)') }} as impact_units,
    {{ product('single.lost_months', 'single.margin_per_month') }} as impact_margin
from single
cross join cycle
