with products as (

    select * from {{ ref('base_adventureworks__products') }}

),

vendor_terms as (

    select * from {{ ref('base_adventureworks__vendor_terms') }}

),

bill as (

    select * from {{ source('adventureworks', 'bill_of_materials') }}

),

company as (

    select unpriced_part_cost from {{ ref('base_adventureworks__company') }}

),

-- Only a price in the unit that the bill counts in can stand for a cost.
first_choice_prices as (

    select product_id, standard_price
    from vendor_terms
    where priority = 1 and is_in_base_uom

),

stated_or_bought as (

    select
        products.product_id,
        case
            when products.standard_cost > 0 then products.standard_cost
            -- Were they free, the plan would buy a year of bearing balls in a month.
            when not products.is_made then coalesce(first_choice_prices.standard_price, company.unpriced_part_cost)
        end as unit_cost,
        first_choice_prices.standard_price is not null as has_price
    from products
    cross join company
    left join first_choice_prices on products.product_id = first_choice_prices.product_id

),

-- One level is enough: what the 18 made parts without a cost are made of is bought.
rolled_up as (

    select
        bill.assembly_product_id as product_id,
        sum({{ product('bill.component_quantity', 'coalesce(stated_or_bought.unit_cost, 0)', 'decimal(18,6)') }}) as unit_cost
    from bill
    inner join stated_or_bought on bill.component_product_id = stated_or_bought.product_id
    where bill.assembly_product_id is not null and bill.end_date is null
    group by bill.assembly_product_id

),

final as (

    select
        products.product_id,
        case when products.is_made then coalesce(stated_or_bought.unit_cost, rolled_up.unit_cost, 0)
            else stated_or_bought.unit_cost end as unit_cost,
        case
            when products.standard_cost > 0 then 'standard_cost'
            when not products.is_made and stated_or_bought.has_price then 'purchase_price'
            when not products.is_made then 'declared'
            when products.is_made and rolled_up.unit_cost > 0 then 'roll_up'
            else 'none'
        end as cost_basis
    from products
    inner join stated_or_bought on products.product_id = stated_or_bought.product_id
    left join rolled_up on products.product_id = rolled_up.product_id

)

select * from final
