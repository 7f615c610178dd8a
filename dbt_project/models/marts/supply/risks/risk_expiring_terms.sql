-- Terms with a supplier that end within the horizon while no others are in force after them: the demand that hangs on the item for the
-- lead time that a new agreement would need at the least. Likelihood: of the terms that ended in the closed months, those that
-- nothing followed.
with

cycle as (select * from {{ ref('dim_cycle') }}),

terms as (select * from {{ ref('supplier_items') }}),

hanging as (select * from {{ ref('hanging_monthly') }}),

ended as (

    select
        terms.supplier_id,
        terms.item_id,
        terms.site_id,
        terms.valid_to_date,
        min(terms.lead_time_days) as lead_time_days,
        max(case when later.item_id is not null then 1 else 0 end) as is_followed
    from terms
    left join terms as later
        on
            terms.item_id = later.item_id
            and terms.site_id = later.site_id
            and later.is_active
            and (later.valid_to_date is null or later.valid_to_date > terms.valid_to_date)
    where terms.valid_to_date is not null
    group by terms.supplier_id, terms.item_id, terms.site_id, terms.valid_to_date

),

record as (

    select
        sum(1 - ended.is_followed) as hit_count,
        count(*) as chance_count
    from ended
    cross join cycle
    where
        ended.valid_to_date < cycle.cycle_start_date
        and ended.valid_to_date >= {{ months_after('cycle.cycle_start_date', '-' ~ risk_months()) }}

),

ending as (

    select
        ended.item_id,
        ended.site_id,
        min(ended.valid_to_date) as valid_to_date,
        max(ended.lead_time_days) as lead_time_days
    from ended
    cross join cycle
    where
        ended.is_followed = 0
        and ended.valid_to_date >= cycle.cycle_start_date
        and ended.valid_to_date < {{ months_after('cycle.cycle_start_date', 'cycle.horizon_months') }}
    group by ended.item_id, ended.site_id

)

select
    'expiring_terms' as risk_kind,
    'item_site' as object_type,
    ending.item_id || '@' || ending.site_id as object_id,
    {{ month_of('ending.valid_to_date') }} as period_start_date,
    'ended_terms' as likelihood_basis,
    coalesce(record.hit_count, 0) as hit_count,
    record.chance_count,
    {{ ratio('record.hit_count', 'record.chance_count') }} as likelihood_ratio,
    'hanging_demand' as impact_basis,
    {{ product('ending.lead_time_days / ' ~ days_per_month(), 'hanging.units_per_month', 'decimal(18,3)') }} as impact_units,
    {{ product('ending.lead_time_days / ' ~ days_per_month(), 'hanging.margin_per_month') }} as impact_margin
from ending
cross join record
inner join hanging
    on
        hanging.object_type = 'item_site'
        and ending.item_id || '@' || ending.site_id = hanging.object_id
