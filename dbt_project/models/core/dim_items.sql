with items as (
    select * from {{ ref('items') }}
),

with_shelf_life as (
    select
        items.*,
        {{ ratio('shelf_life_days', days_per_month()) }} as shelf_life_months
    from items
)

{{ select_contract('with_shelf_life') }}
