{{ config(materialized='table') }}

with items as (
    select product_id, uom_id from {{ ref('base_odoo__items') }}
),

units as (
    select * from {{ ref('base_odoo__uoms') }}
)

-- Units of another dimension than the item's have no row: what is told in them is kept out of erp, never guessed.
select
    items.product_id,
    units.uom_id,
    cast(units.numerator * base_units.denominator as decimal(18, 6)) as numerator,
    cast(units.denominator * base_units.numerator as decimal(18, 6)) as denominator
from items
inner join units as base_units on items.uom_id = base_units.uom_id
inner join units on base_units.dimension = units.dimension
