{#- Rows of the running system's tables that the rules keep out of erp, and rows that were kept out on arrival; each with the
    text that was delivered. -#}
{%- set tables = var('systems')[env_var('SOP_SYSTEM')] -%}
with

on_arrival as (select * from {{ source('ingest', 'quarantined_rows') }}),

originals as (select * from {{ source('ingest', 'original_rows') }}),

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
        quantity,
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
        'on arrival' as kept_out_where,
        column_name || ' ' || rule_id as rule_id,
        column_name as row_key,
        cast(null as varchar) as item_id,
        cast(null as varchar) as supplier_id,
        cast(null as decimal(18, 3)) as quantity,
        cast(null as decimal(18, 4)) as net_amount,
        cast(null as varchar) as currency_code,
        column_name || ': ' || coalesce(original_text, 'empty') as problem,
        source_file_sha256,
        source_row_number
    from on_arrival

    union all

    select
        table_name,
        'between tables' as kept_out_where,
        rule_id,
        coalesce(row_key, '') as row_key,
        item_id,
        supplier_id,
        quantity,
        net_amount,
        currency_code,
        problem,
        source_file_sha256,
        source_row_number
    from between_tables

),

with_text as (

    select
        kept_out.table_name,
        kept_out.kept_out_where,
        kept_out.rule_id,
        kept_out.row_key,
        kept_out.item_id,
        kept_out.supplier_id,
        kept_out.problem,
        kept_out.source_file_sha256,
        kept_out.source_row_number,
        originals.file_name,
        originals.original_text,
        -- only what never became typed is read from its text: a row without a factor has no quantity that can be added
        case when kept_out.kept_out_where = 'on arrival' then {{ rounded('originals.delivered_quantity', 'decimal(18,3)') }} else kept_out.quantity end as quantity,
        case when kept_out.kept_out_where = 'on arrival' then {{ rounded('originals.delivered_amount', 'decimal(18,4)') }} else kept_out.net_amount end as net_amount,
        case when kept_out.kept_out_where = 'on arrival' then originals.currency_code else kept_out.currency_code end as currency_code
    from kept_out
    left join originals
        on kept_out.source_file_sha256 = originals.source_file_sha256
        and kept_out.source_row_number = originals.source_row_number

),

quarantined_rows as (

    select
        cycle.cycle_id,
        with_text.table_name,
        with_text.kept_out_where,
        with_text.rule_id,
        with_text.row_key,
        with_text.rule_id not in ('repeated_row', 'superseded_row') as is_lost,
        with_text.item_id,
        with_text.supplier_id,
        with_text.quantity as kept_out_quantity,
        {{ product('with_text.net_amount', 'fx_rates.rate') }} as kept_out_value,
        with_text.problem,
        with_text.original_text,
        with_text.file_name,
        with_text.source_file_sha256,
        with_text.source_row_number
    from with_text
    cross join cycle
    left join fx_rates
        on with_text.currency_code = fx_rates.currency_code
        and cycle.cycle_start_date = fx_rates.rate_date

)

{{ select_contract('quarantined_rows') }}
