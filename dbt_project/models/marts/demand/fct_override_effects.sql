with

effects as (select * from {{ source('planning', 'override_effects') }}),

items as (select * from {{ ref('dim_items') }}),

with_item as (

    select
        effects.cycle_id,
        effects.override_id,
        effects.item_id,
        effects.site_id,
        effects.channel_id,
        items.category_id,
        items.family_id,
        effects.period_start_date,
        effects.before_units,
        effects.override_units,
        effects.before_units + effects.override_units as after_units,
        effects.owner,
        effects.reason_code
    from effects
    left join items on effects.item_id = items.item_id

)

{{ select_contract('with_item') }}
