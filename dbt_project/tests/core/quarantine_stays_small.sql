{{ config(store_failures=true, schema='findings') }}
-- More of a table was kept out than a plan may go without: correct the extract, or declare quarantine_maximum_ratio with its
-- reason in planning_parameters.csv (scope table, scope_id the table). All rows and their reasons stand in quarantine.<table>
-- of the home's work/sop.duckdb.
{% set tables = var('systems')[env_var('SOP_SYSTEM')] %}
with cycle as (
    select * from {{ ref('dim_cycle') }}
),

parameters as (
    select * from {{ ref('fct_parameters') }}
),

rates as (
    select
        fx_rates.currency_code,
        fx_rates.rate
    from {{ ref('fct_fx_rates') }} as fx_rates
    inner join cycle on fx_rates.rate_date = cycle.cycle_start_date
),

-- A repetition or an older version of a row is no loss: another row says the same, or better.
kept_out as (
    {%- for table in tables %}
    select
        'erp.{{ table }}' as table_name,
        rule_id,
        row_key,
        source_file_sha256,
        source_row_number
    from {{ ref('quarantine_' ~ table) }}
    where rule_id not in ('repeated_row', 'superseded_row')
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

accepted as (
    {%- for table in tables %}
    select 'erp.{{ table }}' as table_name, count(*) as accepted_rows from {{ ref(table) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

delivered_values as (
    {%- for table in tables if erp_rules(table).value %}
    select
        'erp.{{ table }}' as table_name,
        case when kept_out.table_name is not null then 1 else 0 end as is_kept_out,
        abs(cast(staged.{{ erp_rules(table).value | replace(' * ', ' * staged.') }} as double precision) * rates.rate) as worth
    from ({{ with_left_out_columns(staging_model(table), erp_contract(table)) }}) as staged
    inner join rates on staged.currency_code = rates.currency_code
    left join kept_out
        on kept_out.table_name = 'erp.{{ table }}'
        and staged.source_file_sha256 = kept_out.source_file_sha256
        and staged.source_row_number = kept_out.source_row_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

value_shares as (
    select
        table_name,
        {{ ratio('sum(is_kept_out * worth)', 'sum(worth)') }} as value_kept_out_ratio
    from delivered_values
    group by table_name
),

rules as (
    select
        table_name,
        rule_id,
        count(*) as kept_out_rows,
        min(row_key) as example
    from kept_out
    group by table_name, rule_id
),

-- The rule that keeps out most, for whoever reads the message.
ranked as (
    select
        table_name,
        rule_id,
        example,
        sum(kept_out_rows) over (partition by table_name) as kept_out_rows,
        row_number() over (partition by table_name order by kept_out_rows desc, rule_id) as place
    from rules
),

shares as (
    select
        ranked.table_name,
        ranked.kept_out_rows,
        ranked.kept_out_rows + accepted.accepted_rows as delivered_rows,
        {{ ratio('ranked.kept_out_rows', 'ranked.kept_out_rows + accepted.accepted_rows') }} as rows_kept_out_ratio,
        value_shares.value_kept_out_ratio,
        coalesce(own.parameter_value, company.parameter_value, 0) as maximum_ratio,
        ranked.rule_id as most_often,
        ranked.example
    from ranked
    inner join accepted on ranked.table_name = accepted.table_name
    left join parameters as company
        on company.parameter_id = 'quarantine_maximum_ratio'
        and company.scope = 'company'
    left join parameters as own
        on own.parameter_id = 'quarantine_maximum_ratio'
        and own.scope = 'table'
        and own.scope_id = ranked.table_name
    left join value_shares on ranked.table_name = value_shares.table_name
    where ranked.place = 1
)

select
    table_name,
    kept_out_rows,
    delivered_rows,
    rows_kept_out_ratio,
    value_kept_out_ratio,
    maximum_ratio,
    most_often,
    example
from shares
where rows_kept_out_ratio > maximum_ratio or value_kept_out_ratio > maximum_ratio
