with sources as (
    select * from {{ ref('fct_sources') }}
),

bill_of_materials as (
    select * from {{ ref('fct_bill_of_materials') }}
),

-- A bill counts what one started unit takes; losses of the output lie in the source's yield.
inputs as (
    select
        sources.source_id,
        bill_of_materials.component_item_id as item_id,
        bill_of_materials.site_id,
        bill_of_materials.component_units as units_per_unit
    from sources
    inner join bill_of_materials
        on sources.item_id = bill_of_materials.parent_item_id
        and sources.site_id = bill_of_materials.site_id
    where sources.source_type in ('make', 'subcontract')
)

{{ select_contract('inputs') }}
