with terms as (

    select
        *,
        row_number() over (partition by zterm order by ztagg) as place
    from {{ source('sap', 't052') }}

),

texts as (

    select * from {{ source('sap', 't052u') }}
    where spras = (select spras from {{ ref('base_sap__language') }})

),

-- A base date on a day of the month counts from the end of the invoice's month, a month as 30 days.
based as (

    select
        *,
        coalesce(zfael, 0) > 0 as is_from_month_end,
        30 * coalesce(zmona, 0) + case when zfael > 0 then least(zfael, 30) - 30 else 0 end as base_days
    from terms
    where place = 1

),

final as (

    select
        based.zterm as payment_term_id,
        coalesce(texts.text1, based.zterm) as payment_term_name,
        -- All is due with the last of the three lines.
        greatest(based.base_days + coalesce(nullif(based.ztag3, 0), nullif(based.ztag2, 0), based.ztag1, 0), 0) as net_days,
        based.is_from_month_end,
        case when based.zprz1 > 0 then greatest(based.base_days + coalesce(based.ztag1, 0), 0) end as discount_days,
        case when based.zprz1 > 0 then {{ ratio('based.zprz1', '100') }} end as discount_ratio,
        based.source_file_sha256,
        based.source_row_number
    from based
    left join texts on based.zterm = texts.zterm and based.ztagg = texts.ztagg

)

select * from final
