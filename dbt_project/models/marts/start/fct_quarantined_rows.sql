{#- Rows of the running system's tables that the rules keep out of erp, and rows that were kept out on arrival. -#}
{%- set tables = var('systems')[env_var('SOP_SYSTEM')] -%}
with

on_arrival as (select * from {{ source('ingest', 'quarantined_rows') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

fx_rates as (select * from {{ ref('fct_fx_rates') }}),

between_tables as (

    {% for table in tables %}
    select
        'erp.' || table_name as table_name,
        rule_id,
        row_key,
        item_id,
        supplier_id,
        net_amount,
        currency_code,
        problem,
        source_file_sha256,
        source_row_number
    from {{ ref('quarantine_' ~ table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

kept_out as (

    select
        table_name,
        column_name || ' ' || rule_id as rule_id,
        column_name as row_key,
        cast(null as varchar) as item_id,
        cast(null as varchar) as supplier_id,
        cast(null as decimal(18, 4)) as net_amount,
        cast(null as varchar) as currency_code,
        column_name || ': ' || coalesce(original_text, 'empty') as problem,
        source_file_sha256,
        source_row_number
    from on_arrival

    union all

    select
        table_name,
        rule_id,
        coalesce(row_key, '') as row_key,
        item_id,
        supplier_id,
        net_amount,
        currency_code,
        problem,
        source_file_sha256,
        source_row_number
    from between_tables

),

quarantined_rows as (

    select
        cycle.cycle_id,
        kept_out.table_name,
        kept_out.rule_id,
        kept_out.row_key,
        kept_out.rule_id not in ('repeated_row', 'superseded_row') as is_lost,
        kept_out.item_id,
        kept_out.supplier_id,
        {{ product('kept_out.net_amount', 'fx_rates.rate') }} as kept_out_value,
        kept_out.problem,
        kept_out.source_file_sha256,
        kept_out.source_row_number
    from kept_out
    cross join cycle
    left join fx_rates
        on kept_out.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date

)

{{ select_contract('quarantined_rows') }}
