{{ config(store_failures=true, schema='findings') }}
-- Delivered = loaded + quarantined + skipped, in rows, quantity and money of every table.
with data_quality as (
    select * from {{ ref('fct_data_quality') }}
    where outcome <> 'repaired'
)

select
    table_name,
    sum(case when outcome = 'delivered' then row_count else -row_count end) as rows_unaccounted,
    sum(case when outcome = 'delivered' then quantity else -quantity end) as quantity_unaccounted,
    sum(case when outcome = 'delivered' then money else -money end) as money_unaccounted
from data_quality
group by table_name
having
    sum(case when outcome = 'delivered' then row_count else -row_count end) <> 0
    or abs(sum(case when outcome = 'delivered' then quantity else -quantity end)) > 0.001
    or abs(sum(case when outcome = 'delivered' then money else -money end)) > 0.01
