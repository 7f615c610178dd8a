with rates as (

    select * from {{ source('adventureworks', 'currency_rate') }}

),

final as (

    select
        from_currency_code,
        to_currency_code,
        rate_date,
        cast(end_of_day_rate as decimal(18, 6)) as rate,
        source_file_sha256,
        source_row_number
    from rates
    -- The rate of USD to itself says nothing.
    where from_currency_code <> to_currency_code

)

select * from final
