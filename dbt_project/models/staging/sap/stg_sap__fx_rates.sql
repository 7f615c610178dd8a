with rates as (

    select * from {{ source('sap', 'tcurr') }}
    where kurst = 'M'

),

ratios as (

    select * from {{ source('sap', 'tcurf') }}
    where kurst = 'M'

),

-- The newest ratio on or before the day: days are inverted, so that the smallest of those not below comes first.
rates_with_ratios as (

    select
        rates.*,
        ratios.ffact as ratio_ffact,
        ratios.tfact as ratio_tfact,
        row_number() over (
            partition by rates.fcurr, rates.tcurr, rates.gdatu
            order by ratios.gdatu
        ) as place
    from rates
    left join ratios
        on rates.fcurr = ratios.fcurr
        and rates.tcurr = ratios.tcurr
        and ratios.gdatu >= rates.gdatu

),

factors as (

    select
        fcurr,
        tcurr,
        gdatu,
        ukurs,
        cast(coalesce(nullif(ffact, 0), nullif(ratio_ffact, 0), 1) as double precision) as ffact,
        cast(coalesce(nullif(tfact, 0), nullif(ratio_tfact, 0), 1) as double precision) as tfact,
        source_file_sha256,
        source_row_number
    from rates_with_ratios
    where place = 1

),

final as (

    select
        fcurr as from_currency_code,
        tcurr as to_currency_code,
        {{ sap_inverted_day('gdatu') }} as rate_date,
        -- A negative rate is quoted the other way round: units of the from currency for one of the to currency.
        case
            when ukurs < 0 then {{ ratio('tfact', '-ukurs * ffact', 'decimal(28,12)') }}
            else {{ ratio('ukurs * tfact', 'ffact', 'decimal(28,12)') }}
        end as rate,
        source_file_sha256,
        source_row_number
    from factors

)

select * from final
