with terms as (
    select * from {{ source('odoo', 'account_payment_term') }}
),

parts as (
    select * from {{ source('odoo', 'account_payment_term_line') }}
),

-- Up to 16 a part has months, days, and days after the month's end; since 17 days and what they are counted from. A month counts
-- 30 days.
counted as (
    select
        payment_id,
        discount_percentage,
        discount_days,
        case
            when delay_type = 'days_after_end_of_next_month' then 30 + coalesce(nb_days, 0)
            when delay_type = 'days_end_of_month_on_the' then coalesce(nb_days, 0) + coalesce(cast(nullif(trim(days_next_month), '') as integer), 0)
            when delay_type is not null then coalesce(nb_days, 0)
            else 30 * coalesce(months, 0) + coalesce(days, 0) + case when end_month then coalesce(days_after, 0) else 0 end
        end as net_days,
        coalesce(delay_type in ('days_after_end_of_month', 'days_after_end_of_next_month', 'days_end_of_month_on_the'), end_month, false)
            as is_from_month_end
    from parts
),

-- The whole amount is due with the last part.
ranked as (
    select
        *,
        row_number() over (
            partition by payment_id order by net_days desc, case when is_from_month_end then 0 else 1 end
        ) as place
    from counted
),

last_parts as (
    select * from ranked
    where place = 1
),

discounts as (
    select
        payment_id,
        max(discount_percentage) as discount_percentage,
        max(case when discount_percentage > 0 then discount_days end) as discount_days
    from parts
    group by payment_id
),

final as (
    select
        cast(terms.id as varchar) as payment_term_id,
        {{ odoo_name('terms.name') }} as payment_term_name,
        coalesce(last_parts.net_days, 0) as net_days,
        coalesce(last_parts.is_from_month_end, false) as is_from_month_end,
        case
            when terms.early_discount then terms.discount_days
            when terms.early_discount is null then discounts.discount_days
        end as discount_days,
        case
            when terms.early_discount then nullif(terms.discount_percentage, 0)
            when terms.early_discount is null then nullif(discounts.discount_percentage, 0)
        end as discount_percentage,
        terms.source_file_sha256,
        terms.source_row_number
    from terms
    left join last_parts on terms.id = last_parts.payment_id
    left join discounts on terms.id = discounts.payment_id
)

select
    payment_term_id,
    payment_term_name,
    net_days,
    is_from_month_end,
    case when discount_percentage is not null then discount_days end as discount_days,
    {{ ratio('discount_percentage', '100') }} as discount_ratio,
    source_file_sha256,
    source_row_number
from final
