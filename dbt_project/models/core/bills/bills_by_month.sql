{#- Bills of material in every horizon month: one row per parent, alternative, month and component. What is in force on the first
    day of a month holds for what is released in it; a month without any line in force carries on with the last one before it. -#}
with periods as (
    select * from {{ ref('dim_periods') }}
),

bom_lines as (
    select * from {{ ref('bom_lines') }}
),

-- What people accepted of the review of parameters goes before what the ERP carries.
accepted as (
    select * from {{ ref('fct_configured_parameters') }}
    where is_planned_with and parameter_id = 'component_scrap_ratio'
),

in_force as (
    select
        bom_lines.*,
        periods.period_start_date
    from bom_lines
    inner join periods on {{ in_force('periods.period_start_date', 'bom_lines') }}
    where periods.is_horizon
),

-- Of one component's lines the latest start counts, where validities overlap; lines from the same day add up.
followed as (
    select
        in_force.*,
        max(coalesce(valid_from_date, {{ first_day_of_all() }})) over (
            partition by parent_item_id, site_id, bom_alternative_id, component_item_id, period_start_date
        ) as latest_start
    from in_force
),

with_scrap as (
    select
        followed.parent_item_id,
        followed.site_id,
        followed.bom_alternative_id,
        followed.period_start_date,
        followed.component_item_id,
        {{ ratio('followed.component_units', '1 - coalesce(accepted.accepted_value, followed.scrap_ratio)') }} as component_units
    from followed
    left join accepted on followed.component_item_id || '@' || followed.site_id = accepted.object_id
    where coalesce(followed.valid_from_date, {{ first_day_of_all() }}) = latest_start
),

components as (
    select
        parent_item_id,
        site_id,
        bom_alternative_id,
        period_start_date,
        component_item_id,
        sum(component_units) as component_units
    from with_scrap
    group by parent_item_id, site_id, bom_alternative_id, period_start_date, component_item_id
),

delivered_months as (
    select distinct
        parent_item_id,
        site_id,
        period_start_date
    from components
),

bill_months as (
    select
        delivered_months.parent_item_id,
        delivered_months.site_id,
        periods.period_start_date,
        max(delivered_months.period_start_date) as bill_month
    from delivered_months
    inner join periods
        on delivered_months.period_start_date <= periods.period_start_date
        and periods.is_horizon
    group by delivered_months.parent_item_id, delivered_months.site_id, periods.period_start_date
)

select
    components.parent_item_id,
    components.site_id,
    components.bom_alternative_id,
    bill_months.period_start_date,
    components.component_item_id,
    components.component_units,
    components.bom_alternative_id = min(components.bom_alternative_id) over (
        partition by components.parent_item_id, components.site_id, bill_months.period_start_date
    ) as is_default
from bill_months
inner join components
    on bill_months.parent_item_id = components.parent_item_id
    and bill_months.site_id = components.site_id
    and bill_months.bill_month = components.period_start_date
