{#- Items whose family is another one than in the newest cycle published before: figures by family are not comparable. The
    plan takes the family of now for history too; what was published stays as it was. -#}
with

items as (select * from {{ ref('dim_items') }}),

published as (select * from {{ source('published', 'fct_demand_plan') }}),

newest as (select max(cycle_id) as cycle_id from published),

before as (

    select distinct
        published.item_id,
        published.family_id,
        published.cycle_id
    from published
    inner join newest on published.cycle_id = newest.cycle_id

)

select
    'items_changed_family' as check_id,
    items.item_id as object_id,
    cast(1 as decimal(18, 6)) as measured_value,
    cast(0 as decimal(18, 6)) as limit_value,
    'in ' || items.family_id || ', in ' || before.family_id || ' in cycle ' || before.cycle_id as evidence
from items
inner join before on items.item_id = before.item_id
where items.family_id <> before.family_id
