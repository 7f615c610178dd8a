{#- What became of everything that was delivered, in rows, quantity and money: delivered = loaded + quarantined + skipped, a
    table at a time (tests/marts/nothing_delivered_is_unaccounted.sql); and what was put right on the way. -#}
{%- set system = env_var('SOP_SYSTEM') -%}
{%- set tables = var('systems')[system] -%}
with

cycle as (select * from {{ ref('dim_cycle') }}),

deliveries as (select * from {{ source('ingest', 'deliveries') }}),

repairs as (select * from {{ source('ingest', 'repairs') }}),

rates as (

    select
        fx_rates.currency_code,
        fx_rates.rate
    from {{ ref('fct_fx_rates') }} as fx_rates
    inner join cycle on fx_rates.rate_date = cycle.cycle_start_date

),

-- A row that breaks two rules on arrival is one row: the first problem tells.
kept_out as (

    select
        quarantined_rows.*,
        row_number() over (
            partition by table_name, kept_out_where, source_file_sha256, source_row_number
            order by rule_id, row_key
        ) as place
    from {{ ref('fct_quarantined_rows') }} as quarantined_rows

),

canonical as (

    {% for table in tables %}
    select 'erp.{{ table }}' as table_name, '{{ system }}.{{ table }}' as delivered_table
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- What a system calls by the canonical name is counted from its file on, other files up to the lake.
not_loaded as (

    select
        coalesce(canonical.table_name, kept_out.table_name) as table_name,
        case when kept_out.is_lost then 'quarantined' else 'skipped' end as outcome,
        kept_out.kept_out_where,
        kept_out.rule_id,
        count(*) as row_count,
        sum(kept_out.kept_out_quantity) as quantity,
        sum(kept_out.kept_out_value) as money
    from kept_out
    left join canonical on kept_out.table_name = canonical.delivered_table
    where kept_out.place = 1
    group by
        coalesce(canonical.table_name, kept_out.table_name),
        case when kept_out.is_lost then 'quarantined' else 'skipped' end,
        kept_out.kept_out_where,
        kept_out.rule_id

),

repeated_on_arrival as (

    select
        coalesce(canonical.table_name, deliveries.table_name) as table_name,
        deliveries.delivered_rows - deliveries.accepted_rows - deliveries.quarantined_rows as row_count
    from deliveries
    left join canonical on deliveries.table_name = canonical.delivered_table
    where deliveries.delivered_rows > deliveries.accepted_rows + deliveries.quarantined_rows

),

loaded as (

    {% for table in tables %}
    {{ counted_rows(table, ref(table)) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

    union all

    select
        deliveries.table_name,
        deliveries.accepted_rows as row_count,
        cast(null as decimal(28, 3)) as quantity,
        cast(null as decimal(28, 4)) as money
    from deliveries
    left join canonical on deliveries.table_name = canonical.delivered_table
    where canonical.table_name is null

),

-- Counted before any rule between tables, in what staging brings.
staged as (

    {% for table in tables %}
    {{ counted_rows(table, staging_model(table)) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

lost_on_arrival as (

    select
        table_name,
        sum(quantity) as quantity,
        sum(money) as money
    from not_loaded
    where kept_out_where = 'on arrival'
    group by table_name

),

-- Rows as ingest counted them in the file; where several files make a table, as staging does.
delivered as (

    select
        staged.table_name,
        coalesce(deliveries.delivered_rows, staged.row_count) as row_count,
        staged.quantity + coalesce(lost_on_arrival.quantity, 0) as quantity,
        staged.money + coalesce(lost_on_arrival.money, 0) as money
    from staged
    inner join canonical on staged.table_name = canonical.table_name
    left join deliveries on canonical.delivered_table = deliveries.table_name
    left join lost_on_arrival on staged.table_name = lost_on_arrival.table_name

    union all

    select
        deliveries.table_name,
        deliveries.delivered_rows as row_count,
        cast(null as decimal(28, 3)) as quantity,
        cast(null as decimal(28, 4)) as money
    from deliveries
    left join canonical on deliveries.table_name = canonical.delivered_table
    where canonical.table_name is null

),

outcomes as (

    select table_name, 'delivered' as outcome, '' as kept_out_where, '' as rule_id, row_count, quantity, money from delivered
    union all
    select table_name, outcome, kept_out_where, rule_id, row_count, quantity, money from not_loaded
    union all
    select
        table_name,
        'skipped' as outcome,
        'on arrival' as kept_out_where,
        'repeated_row' as rule_id,
        row_count,
        cast(null as decimal(28, 3)) as quantity,
        cast(null as decimal(28, 4)) as money
    from repeated_on_arrival
    union all
    select table_name, 'loaded' as outcome, '' as kept_out_where, '' as rule_id, row_count, quantity, money from loaded
    union all
    select
        coalesce(canonical.table_name, repairs.table_name) as table_name,
        'repaired' as outcome,
        'on arrival' as kept_out_where,
        repairs.repair as rule_id,
        repairs.repaired_rows as row_count,
        cast(null as decimal(28, 3)) as quantity,
        cast(null as decimal(28, 4)) as money
    from repairs
    left join canonical on repairs.table_name = canonical.delivered_table

),

data_quality as (

    select
        cycle.cycle_id,
        outcomes.table_name,
        outcomes.outcome,
        outcomes.kept_out_where,
        outcomes.rule_id,
        outcomes.row_count,
        outcomes.quantity,
        outcomes.money
    from outcomes
    cross join cycle

)

{{ select_contract('data_quality') }}
