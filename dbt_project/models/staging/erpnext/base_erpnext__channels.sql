with recursive customer_groups as (

    select * from {{ source('erpnext', 'customer_group') }}

),

{{ tree_of('customer_group', 'parent_customer_group') }},

-- The nearest price list, from the group itself up.
price_lists as (

    select
        tree.node as customer_group,
        customer_groups.default_price_list,
        row_number() over (partition by tree.node order by tree.level desc) as nearness
    from tree
    inner join customer_groups on tree.ancestor = customer_groups.name
    where customer_groups.default_price_list is not null

),

final as (

    select
        customer_groups.name as customer_group,
        coalesce(branches.ancestor, customer_groups.name) as channel_id,
        price_lists.default_price_list
    from customer_groups
    left join tree as branches
        on customer_groups.name = branches.node
        and branches.level = 1
    left join price_lists
        on customer_groups.name = price_lists.customer_group
        and price_lists.nearness = 1

)

select * from final
