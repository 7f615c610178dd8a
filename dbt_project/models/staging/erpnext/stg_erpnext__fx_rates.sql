with rates as (

    select * from {{ source('erpnext', 'currency_exchange') }}

),

-- A rate for sales and one for purchases on the same day: that of sales counts.
ranked as (

    select
        rates.*,
        row_number() over (
            partition by from_currency, to_currency, date
            order by case when coalesce(for_selling, true) then 0 else 1 end, name
        ) as place
    from rates

),

final as (

    select
        from_currency as from_currency_code,
        to_currency as to_currency_code,
        date as rate_date,
        cast(exchange_rate as decimal(28, 12)) as rate,
        source_file_sha256,
        source_row_number
    from ranked
    where place = 1

)

select * from final
