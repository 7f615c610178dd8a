{#- What rounding a plan to thousandths leaves is no breach. -#}
{%- set noise = 0.01 -%}
with

shares as (select * from {{ source('planning', 'source_shares') }}),

storage as (select * from {{ source('planning', 'storage_use') }}),

stock as (select * from {{ source('planning', 'stock_plan') }}),

-- Above one share is below another: the missing units of a month are told once, with the source that falls short.
breaches as (

    select
        cycle_id,
        scenario_id,
        'share' as policy_type,
        source_id as object_id,
        item_id,
        site_id,
        period_start_date,
        item_site_units as base_quantity,
        below_share_units as missed_quantity
    from shares
    where below_share_units > {{ noise }}

    union all

    select
        cycle_id,
        scenario_id,
        'storage_room' as policy_type,
        site_id || '/' || capacity_unit as object_id,
        'all' as item_id,
        site_id,
        period_start_date,
        available_capacity as base_quantity,
        outside_capacity as missed_quantity
    from storage
    where outside_capacity > {{ noise }}

    union all

    select
        cycle_id,
        scenario_id,
        'shelf_life' as policy_type,
        item_id || '@' || site_id as object_id,
        item_id,
        site_id,
        period_start_date,
        closing_units as base_quantity,
        too_old_units as missed_quantity
    from stock
    where too_old_units > {{ noise }}

),

measured as (

    select
        breaches.*,
        {{ ratio('missed_quantity', 'base_quantity') }} as missed_ratio
    from breaches

)

{{ select_contract('measured') }}
