{#- Findings that differ only in the kind of open supply. -#}

{#- Open orders of one kind (production, purchase or transfer) whose day has passed, valued at the cost in force. -#}
{% macro overdue_supply(supply_type) %}
with

open_supply as (select * from {{ ref('fct_open_supply') }}),

costs as (select * from {{ ref('costs_in_force') }}),

found as (

    select
        open_supply.supply_id as object_id,
        open_supply.item_id,
        open_supply.open_units as quantity,
        {{ product('open_supply.open_units', 'costs.unit_cost') }} as value,
        'due on ' || cast(open_supply.due_date as varchar) || ', ' || {{ count_words('open_supply.overdue_days', 'days') }} || ' ago' as evidence
    from open_supply
    left join costs
        on open_supply.item_id = costs.item_id
        and open_supply.site_id = costs.site_id
    where open_supply.supply_type = '{{ supply_type }}' and open_supply.is_overdue

)

select
    object_id,
    item_id,
    quantity,
    value,
    evidence
from found
{% endmacro %}
