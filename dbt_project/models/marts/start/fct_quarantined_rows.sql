{#- Rows of the running system's tables that the rules keep out of erp, and rows that were kept out on arrival. -#}
{%- set tables = var('systems')[env_var('SOP_SYSTEM')] -%}
with

on_arrival as (select * from {{ source('ingest', 'quarantined_rows') }}),

cycle as (select * from {{ ref('dim_cycle') }}),

between_tables as (

    {% for table in tables %}
    select
        'erp.' || table_name as table_name,
        rule_id,
        row_key,
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
        column_name || ': ' || coalesce(original_text, 'empty') as problem,
        source_file_sha256,
        source_row_number
    from on_arrival

    union all

    select
        table_name,
        rule_id,
        coalesce(row_key, '') as row_key,
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
        kept_out.problem,
        kept_out.source_file_sha256,
        kept_out.source_row_number
    from kept_out
    cross join cycle

)

{{ select_contract('quarantined_rows') }}
