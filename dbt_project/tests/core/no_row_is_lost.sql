{{ config(store_failures=true, schema='findings') }}
-- What a system's staging delivers is either in erp or, with a reason, in quarantine.
{% set counts = [] %}
{% for table in var('systems')[env_var('SOP_SYSTEM')] %}
    {% do counts.append(
        "select '" ~ table ~ "' as table_name, (select count(*) from " ~ staging_model(table) ~ ') as staged_rows, (select count(*) from '
        ~ ref(table) ~ ') as accepted_rows, (select count(*) from ' ~ ref('quarantine_' ~ table) ~ ') as kept_out_rows'
    ) %}
{% endfor %}
with counts as (
    {{ counts | join('\n    union all\n    ') }}
)

select
    table_name,
    staged_rows,
    accepted_rows,
    kept_out_rows
from counts
where staged_rows <> accepted_rows + kept_out_rows
