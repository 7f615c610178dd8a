{#- How Odoo stores values: moments in UTC without a zone, names by language and values by company as JSON. -#}

{#- Day of a moment (UTC, no zone) in a company's time zone: 31 October 16:30 is 1 November in Shanghai. -#}
{% macro odoo_day(moment, time_zone) -%}
    cast(({{ moment }} at time zone 'UTC') at time zone {{ time_zone }} as date)
{%- endmacro %}

{#- Hour of the day, with its minutes as a fraction, of a moment (UTC, no zone) in a time zone. -#}
{% macro odoo_hour(moment, time_zone) -%}
    (
        cast(extract(hour from ({{ moment }} at time zone 'UTC') at time zone {{ time_zone }}) as double precision)
        + cast(extract(minute from ({{ moment }} at time zone 'UTC') at time zone {{ time_zone }}) as double precision) / 60.0
    )
{%- endmacro %}

{#- Hours that a leave takes of a span of working hours of one of its days; below 0 where it ends before, or begins after it. -#}
{% macro odoo_hours_of_leave(span, leave) -%}
    least({{ span }}.hour_to, case when {{ span }}.day = {{ leave }}.last_day then {{ leave }}.last_hour else 24 end)
    - greatest({{ span }}.hour_from, case when {{ span }}.day = {{ leave }}.first_day then {{ leave }}.first_hour else 0 end)
{%- endmacro %}

{#- A translated name: JSON by language since 16, whose en_US is the term itself; before, plain text. -#}
{% macro odoo_name(text) -%}
    case when {{ text }} like '{"%' then {{ json_value(text, "'en_US'") }} else {{ text }} end
{%- endmacro %}

{#- A value by company: JSON by the number of the company, {"1": 3.62}. -#}
{% macro odoo_company_value(text, company) -%}
    case when {{ text }} like '{"%' then {{ json_value(text, 'cast(' ~ company ~ ' as varchar)') }} end
{%- endmacro %}

{#- Records and the record that a property refers them to, up to 17: rows of ir_property, the group's first company before
    others. res.partner,5 refers to account.payment.term,3. -#}
{% macro odoo_references(property) -%}
    select
        res_id,
        split_part(value_reference, ',', 2) as value_id
    from (
        select
            res_id,
            value_reference,
            row_number() over (partition by res_id order by company_id, id) as place
        from {{ source('odoo', 'ir_property') }}
        where name = '{{ property }}' and value_reference is not null
    ) as referring
    where place = 1
{%- endmacro %}

{% macro json_value(text, key) -%}
    {{ return(adapter.dispatch('json_value')(text, key)) }}
{%- endmacro %}

{% macro duckdb__json_value(text, key) -%}
    json_extract_string({{ text }}, '$."' || {{ key }} || '"')
{%- endmacro %}

{% macro postgres__json_value(text, key) -%}
    (cast({{ text }} as json) ->> {{ key }})
{%- endmacro %}

{#- Place of a line in its document, as people number lines: 10, 20, ... Odoo deletes no line of a confirmed order, and a line
    keeps its place; notes and sections have one too. -#}
{% macro odoo_place(document, line) -%}
    10 * row_number() over (partition by {{ document }} order by {{ line }})
{%- endmacro %}

{#- The words of a group in a row, with commas. -#}
{% macro odoo_words(words, order) -%}
    {{ return(adapter.dispatch('odoo_words')(words, order)) }}
{%- endmacro %}

{% macro default__odoo_words(words, order) -%}
    {{ dbt.listagg(words, "', '", 'order by ' ~ order) }}
{%- endmacro %}

{#- What the lines of every document name, as common table expressions: items, factors, partners, warehouses, companies, currencies. -#}
{% macro odoo_named_by_lines() -%}
    items as (
        select * from {{ ref('base_odoo__items') }}
    ),

    factors as (
        select * from {{ ref('base_odoo__uom_factors') }}
    ),

    partners as (
        select * from {{ ref('base_odoo__partners') }}
    ),

    warehouses as (
        select * from {{ ref('base_odoo__warehouses') }}
    ),

    companies as (
        select * from {{ ref('base_odoo__companies') }}
    ),

    currencies as (
        select * from {{ source('odoo', 'res_currency') }}
    )
{%- endmacro %}
