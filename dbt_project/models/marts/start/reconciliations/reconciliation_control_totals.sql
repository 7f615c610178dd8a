{#- Money of the rows that came, against that of the rows accepted and of those that are listed as kept out. What the sender's
    manifest promises was held against the file when it arrived. -#}
{%- set tables = ['sales_order_lines', 'invoice_lines'] -%}
with

cycle as (select * from {{ ref('dim_cycle') }}),

quarantined_rows as (select * from {{ ref('fct_quarantined_rows') }}),

kept_out as (

    select distinct
        table_name,
        source_file_sha256,
        source_row_number
    from quarantined_rows

),

amounts as (

    {% for table in tables if supplies(table) %}
    select
        '{{ table }}' as table_name,
        staged.currency_code,
        staged.net_amount as delivered,
        case when kept_out.table_name is not null then staged.net_amount else 0 end as accounted,
        case when kept_out.table_name is not null then 1 else 0 end as is_kept_out,
        1 as is_delivered
    from {{ staging_model(table) }} as staged
    left join kept_out
        on kept_out.table_name = 'erp.{{ table }}'
        and staged.source_file_sha256 = kept_out.source_file_sha256
        and staged.source_row_number = kept_out.source_row_number
    where staged.net_amount is not null

    union all

    select '{{ table }}' as table_name, currency_code, 0 as delivered, net_amount as accounted, 0 as is_kept_out, 0 as is_delivered
    from {{ ref(table) }}

    union all
    {% endfor %}

    select '' as table_name, '' as currency_code, 0 as delivered, 0 as accounted, 0 as is_kept_out, 0 as is_delivered
    from cycle
    where 1 = 0

)

select
    amounts.table_name || ' ' || coalesce(amounts.currency_code, 'without currency') as object_id,
    {{ last_closed_month() }} as period_start_date,
    sum(amounts.delivered) as left_value,
    sum(amounts.accounted) as right_value,
    sum(amounts.delivered) - sum(amounts.accounted) as difference,
    sum(amounts.is_delivered) as checked_count,
    sum(amounts.is_kept_out) as differing_count,
    amounts.currency_code
from amounts
cross join cycle
group by amounts.table_name, amounts.currency_code, cycle.cycle_start_date
