{#- Windows and levels that several marts share, written once so that the same measure is the same number everywhere.
    Add here: what two marts need. Keep out: products and ratios (core.sql), months (months.sql), what one mart alone
    computes, KPIs (kpi_dictionary.sql, kpi_measures.sql). -#}

{#- Closed months that performance marts look back on: a year, so that year to date is always inside. -#}
{% macro review_months() -%} 12 {%- endmacro %}

{#- Closed months whose documents the review of parameters looks at: two years, so that every season counts twice. -#}
{% macro parameter_review_months() -%} 24 {%- endmacro %}

{#- Documents that it looks at however old they are, where those months hold fewer: one a month. -#}
{% macro parameter_review_documents() -%} 24 {%- endmacro %}

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

{#- Sources by a name that people read; rows of fct_sources, dim_items and dim_suppliers under these names. -#}
{% macro named_sources() -%}
    select
        sources.source_id,
        items.item_name
        || case
            when sources.source_type in ('buy', 'subcontract') then ' from ' || coalesce(suppliers.supplier_name, sources.supplier_id)
            when sources.source_type = 'move' then ' from ' || sources.from_site_id || ' to ' || sources.site_id
            else ' made at ' || sources.site_id
        end as source_name
    from sources
    inner join items on sources.item_id = items.item_id
    left join suppliers on sources.supplier_id = suppliers.supplier_id
{%- endmacro %}

{#- Closed months as they were planned: the plan of a month is the one published by the cycle of that month, before it was
    known how the month went. Rows of published.fct_production_plan and dim_cycle under these names. -#}
{% macro planned_production_of_closed_months() -%}
    select
        published_plans.item_id,
        published_plans.site_id,
        published_plans.period_start_date,
        published_plans.planned_units
    from published_plans
    cross join cycle
    where
        published_plans.scenario_id = 'base'
        and published_plans.period_start_date = {{ cycle_month('published_plans.cycle_id') }}
        and published_plans.period_start_date < cycle.cycle_start_date
{%- endmacro %}

{#- Share of its hours from which on a resource counts as full when somebody asks why a plan was missed. -#}
{% macro full_resource_ratio() -%} 0.95 {%- endmacro %}

{#- Key of a month of a series. -#}
{% macro series_month() -%}
    {{ return(['item_id', 'site_id', 'channel_id', 'period_start_date']) }}
{%- endmacro %}

{#- Rows of two relations that speak of the same month of a series, and are equal in the columns named beside it. -#}
{% macro same_series_month(left, right, also=[]) -%}
    {%- for column in also + series_month() -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
