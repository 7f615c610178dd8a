with cost_history as (

    select * from {{ source('adventureworks', 'product_cost_history') }}

),

products as (

    select * from {{ ref('base_adventureworks__products') }}

),

current_costs as (

    select * from {{ ref('base_adventureworks__current_costs') }}

),

company as (

    select site_id, currency_code from {{ ref('base_adventureworks__company') }}

),

products_with_history as (

    select distinct product_id from cost_history

),

all_costs as (

    select
        cost_history.product_id,
        cost_history.start_date as valid_from_date,
        cost_history.standard_cost as unit_cost,
        'standard_cost' as cost_basis,
        cost_history.source_file_sha256,
        cost_history.source_row_number
    from cost_history
    union all
    select
        products.product_id,
        products.sell_start_date as valid_from_date,
        current_costs.unit_cost,
        current_costs.cost_basis,
        products.source_file_sha256,
        products.source_row_number
    from products
    inner join current_costs on products.product_id = current_costs.product_id
    left join products_with_history on products.product_id = products_with_history.product_id
    where products_with_history.product_id is null

),

final as (

    select
        coalesce(products.item_id, cast(all_costs.product_id as varchar)) as item_id,
        company.site_id,
        all_costs.valid_from_date,
        cast(all_costs.unit_cost as decimal(18, 6)) as unit_cost,
        case all_costs.cost_basis when 'standard_cost' then 'stated' else all_costs.cost_basis end as cost_basis,
        company.currency_code,
        all_costs.source_file_sha256,
        all_costs.source_row_number
    from all_costs
    cross join company
    left join products on all_costs.product_id = products.product_id

)

select * from final
