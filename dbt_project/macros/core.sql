{#- Expressions that several core models share. -#}

{#- Money of a row in the company's currency, given the rate that core.fct_fx_rates has for its currency and day. Without a
    rate it is 0 and the test money_has_a_rate fails, naming currency and day. -#}
{% macro in_company_currency(amount, rate, data_type='decimal(18,4)') -%}
    {{ rounded('cast(' ~ amount ~ ' as double precision) * cast(coalesce(' ~ rate ~ ', 0) as double precision)', data_type) }}
{%- endmacro %}

{#- Day whose rate an order line takes: the day its demand counts, and of days to come the first day of the cycle. -#}
{% macro rate_day(demand_date, cycle) -%}
    case when {{ demand_date }} > {{ cycle }}.cycle_start_date then {{ cycle }}.cycle_start_date else {{ demand_date }} end
{%- endmacro %}

{#- Product of decimals, rounded to its type before it is summed, so that sums do not depend on the order of rows. -#}
{% macro product(left, right, data_type='decimal(18,4)') -%}
    {{ rounded('cast(' ~ left ~ ' as double precision) * cast(' ~ right ~ ' as double precision)', data_type) }}
{%- endmacro %}

{% macro ratio(numerator, denominator, data_type='decimal(18,6)') -%}
    {{ rounded('cast(' ~ numerator ~ ' as double precision) / nullif(cast(' ~ denominator ~ ' as double precision), 0)', data_type) }}
{%- endmacro %}

{% macro month_of(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

{#- In force on a day: empty ends are open. -#}
{% macro in_force(day, relation) -%}
    ({{ relation }}.valid_from_date is null or {{ relation }}.valid_from_date <= {{ day }})
        and ({{ relation }}.valid_to_date is null or {{ relation }}.valid_to_date >= {{ day }})
{%- endmacro %}

{#- Names of the ways of supply (core.fct_sources). -#}
{#- Of a production version beyond the default: its alternative stands behind the source and behind the object that shares name. -#}
{% macro version_source_id(item, site, version) -%} {{ make_source_id(item, site) }} || '/' || {{ version }} {%- endmacro %}

{% macro make_source_id(item, site) -%} 'make:' || {{ item }} || '@' || {{ site }} {%- endmacro %}

{% macro buy_source_id(item, site, supplier) -%} 'buy:' || {{ item }} || '@' || {{ site }} || '<' || {{ supplier }} {%- endmacro %}

{% macro subcontract_source_id(item, site, supplier) -%} 'subcontract:' || {{ item }} || '@' || {{ site }} || '<' || {{ supplier }} {%- endmacro %}

{% macro move_source_id(item, to_site, from_site) -%} 'move:' || {{ item }} || '@' || {{ to_site }} || '<' || {{ from_site }} {%- endmacro %}

{% macro operation_id(item, site, operation) -%} {{ make_source_id(item, site) }} || '#' || {{ operation }} {%- endmacro %}

{#- Whether a confirmation is one of an operation: several of one are told apart by what stands behind its number and a stroke. -#}
{% macro is_confirmation_of(confirmed, operation) -%}
    ({{ confirmed }} = {{ operation }} or {{ confirmed }} like {{ operation }} || '/%')
{%- endmacro %}

{#- Operations in force on the cycle's first day; the default routing of an item-site is its lowest alternative. Rows of
    routing_operations and dim_cycle under these names. -#}
{% macro operations_in_force() %}
    select
        routing_operations.*,
        routing_operations.routing_alternative_id = min(routing_operations.routing_alternative_id) over (
            partition by routing_operations.item_id, routing_operations.site_id
        ) as is_default
    from routing_operations
    cross join cycle
    where {{ in_force('cycle.cycle_start_date', 'routing_operations') }}
{%- endmacro %}

{% macro default_operations() %}
    select * from ({{ operations_in_force() }}) as operations_in_force
    where is_default
{%- endmacro %}

{#- Order in which delivered months stand in for a month that the calendar does not reach: the month itself, the same month
    of the last year before it, the last month before it, the first one after it. -#}
{% macro nearness(delivered_month, wanted_month) %}
                case
                    when {{ delivered_month }} = {{ wanted_month }} then 0
                    when {{ delivered_month }} < {{ wanted_month }}
                        and extract(month from {{ delivered_month }}) = extract(month from {{ wanted_month }}) then 1
                    when {{ delivered_month }} < {{ wanted_month }} then 2
                    else 3
                end,
                case when {{ delivered_month }} < {{ wanted_month }} then {{ dbt.datediff(delivered_month, wanted_month, 'month') }} else 0 end,
                {{ delivered_month }}
{%- endmacro %}
