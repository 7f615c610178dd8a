with templates as (

    select * from {{ source('erpnext', 'payment_terms_template') }}

),

parts as (

    select * from {{ source('erpnext', 'payment_terms_template_detail') }}

),

-- The whole amount is due with its last part. A month counts 30 days.
summed as (

    select
        parent,
        max(
            case when due_date_based_on like 'Month%' then 30 * coalesce(credit_months, 0) else coalesce(credit_days, 0) end
        ) as net_days,
        min(case when due_date_based_on = 'Day(s) after invoice date' then 0 else 1 end) = 1 as is_from_month_end,
        max(case when discount_type = 'Percentage' and discount > 0 then discount_validity end) as discount_days,
        max(case when discount_type = 'Percentage' and discount > 0 then discount end) as discount_percentage
    from parts
    group by parent

),

final as (

    select
        templates.name as payment_term_id,
        templates.name as payment_term_name,
        cast(summed.net_days as integer) as net_days,
        summed.is_from_month_end,
        cast(summed.discount_days as integer) as discount_days,
        {{ ratio('summed.discount_percentage', '100') }} as discount_ratio,
        templates.source_file_sha256,
        templates.source_row_number
    from templates
    inner join summed on templates.name = summed.parent

)

select * from final
