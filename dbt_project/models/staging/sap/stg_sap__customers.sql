with customers as (

    select * from {{ source('sap', 'kna1') }}

),

-- Its first sales area that is not flagged for deletion.
sales_areas as (

    select
        *,
        row_number() over (partition by kunnr order by vkorg, vtweg, spart) as place
    from {{ source('sap', 'knvv') }}
    where not ({{ sap_is_set('loevm') }})

),

texts as (

    select * from {{ ref('base_sap__texts') }}

),

final as (

    select
        {{ sap_shown('customers.kunnr') }} as customer_id,
        customers.name1 as customer_name,
        coalesce(groups.code_text, sales_areas.kdgrp) as customer_group,
        coalesce(channels.code_text, sales_areas.vtweg) as channel_id,
        coalesce(districts.code_text, sales_areas.bzirk) as region_id,
        customers.land1 as country_code,
        sales_areas.zterm as payment_term_id,
        customers.source_file_sha256,
        customers.source_row_number
    from customers
    left join sales_areas on customers.kunnr = sales_areas.kunnr and sales_areas.place = 1
    left join texts as groups on groups.code_kind = 'customer_group' and sales_areas.kdgrp = groups.code
    left join texts as channels on channels.code_kind = 'channel' and sales_areas.vtweg = channels.code
    left join texts as districts on districts.code_kind = 'district' and sales_areas.bzirk = districts.code

)

select * from final
