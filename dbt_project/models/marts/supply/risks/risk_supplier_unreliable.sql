-- A line of the supplier that comes late or short: how often, and the demand that waits for it by what a failed line costs in
-- supply, each failed line with the demand that hangs on its own item.
with

cycle as (select * from {{ ref('dim_cycle') }}),

lines as (select * from {{ ref('purchase_line_results') }}),

hanging as (select * from {{ ref('hanging_monthly') }}),

judged as (

    select
        lines.supplier_id,
        count(*) as chance_count,
        sum(1 - lines.is_served) as hit_count,
        sum({{ product('lines.lost_months', 'coalesce(hanging.units_per_month, 0)') }}) as lost_units,
        sum({{ product('lines.lost_months', 'coalesce(hanging.margin_per_month, 0)') }}) as lost_margin
    from lines
    left join hanging
        on
            hanging.object_type = 'item_site'
            and lines.item_id || '@' || lines.site_id = hanging.object_id
    group by lines.supplier_id

)

select
    'supplier_unreliable' as risk_kind,
    'supplier' as object_type,
    judged.supplier_id as object_id,
    cycle.cycle_start_date as period_start_date,
    'order_lines' as likelihood_basis,
    judged.hit_count,
    judged.chance_count,
    {{ ratio('judged.hit_count', 'judged.chance_count') }} as likelihood_ratio,
    'hanging_demand' as impact_basis,
    {{ ratio('judged.lost_units', 'judged.hit_count', 'decimal(18,3)') }} as impact_units,
    {{ ratio('judged.lost_margin', 'judged.hit_count', 'decimal(18,4)') }} as impact_margin
from judged
cross join cycle
where judged.hit_count > 0 and judged.lost_units > 0
