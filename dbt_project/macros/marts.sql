{#- Windows and levels that several marts share, written once so that the same measure is the same number everywhere.
    Add here: what two marts need. Keep out: products and ratios (core.sql), months (months.sql), what one mart alone
    computes, KPIs (kpi_dictionary.sql, kpi_measures.sql). -#}

{#- Closed months that performance marts look back on: a year, so that year to date is always inside. -#}
{% macro review_months() -%} 12 {%- endmacro %}

{#- Longest lag that accuracy is kept for. -#}
{% macro longest_lag_months() -%} 6 {%- endmacro %}

{#- Levels that rows of items add up to, as level: SQL expression of its identifier. -#}
{% macro product_levels() -%}
    {{ return({'company': "'all'", 'category': 'category_id', 'family': 'family_id'}) }}
{%- endmacro %}

{#- The same rows once per level: each level is the sum of the rows below it. `keys` are columns kept at every level,
    `sums` are added up. A row without the level's identifier does not take part in that level. -#}
{% macro sum_by_level(relation, levels, keys, sums) -%}
    {%- for level, level_id in levels.items() %}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        '{{ level }}' as level,
        {{ level_id }} as level_id,
        {%- for sum in sums %}
        sum({{ sum }}) as {{ sum }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {%- if not level_id.startswith("'") %}
    where {{ level_id }} is not null
    {%- endif %}
    group by {{ (keys + ([] if level_id.startswith("'") else [level_id])) | join(', ') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
