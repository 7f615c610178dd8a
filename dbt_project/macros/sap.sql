{#- How SAP writes what every ERP has. Add here: a rule of SAP's that several staging models need. Keep out: what one table
    means (its staging model). -#}

{#- A number as SAP shows it (conversion exit ALPHA): one made of digits loses its leading zeros, any other stays. -#}
{% macro sap_shown(code) -%}
    case
        when translate({{ code }}, '0123456789', '') = '' then coalesce(nullif(ltrim({{ code }}, '0'), ''), '0')
        else {{ code }}
    end
{%- endmacro %}

{#- An amount as it is meant: stored with two decimals whatever the currency has (TCURX). `shift` is of
    base_sap__currency_shifts, empty for a currency of two decimals. -#}
{% macro sap_amount(amount, shift) -%}
    cast({{ amount }} * coalesce({{ shift }}, 1) as decimal(18, 4))
{%- endmacro %}

{#- Price of one base unit, of an amount for `price_unit` units of which `denominator` are `numerator` base units. -#}
{% macro sap_unit_price(amount, shift, price_unit, numerator, denominator) -%}
    {{ rounded(
        'cast(' ~ sap_amount(amount, shift) ~ ' * ' ~ denominator ~ ' as double precision)'
        ~ ' / nullif(cast(coalesce(nullif(' ~ price_unit ~ ', 0), 1) * ' ~ numerator ~ ' as double precision), 0)',
        'decimal(18,6)',
    ) }}
{%- endmacro %}

{#- Price of one base unit of a line, of an amount for so many of a unit of its own: where that is the line's unit by the fraction
    that the line carries, else by the item's (`uom_factors`, joined by that unit; `currency_shifts` by the currency). -#}
{% macro sap_line_price(amount, price_unit, price_uom, line_uom, numerator, denominator) -%}
    case
        when {{ price_uom }} = {{ line_uom }}
            then {{ sap_unit_price(amount, 'currency_shifts.shift', price_unit, numerator, denominator) }}
        else {{ sap_unit_price(amount, 'currency_shifts.shift', price_unit, 'uom_factors.numerator', 'uom_factors.denominator') }}
    end
{%- endmacro %}

{#- Quantity in base units by the fraction that the document carries itself. -#}
{% macro sap_base_units(quantity, numerator, denominator) -%}
    {{ to_base_units(quantity, 'nullif(' ~ numerator ~ ', 0)', 'nullif(' ~ denominator ~ ', 0)') }}
{%- endmacro %}

{#- An X in a flag field. -#}
{% macro sap_is_set(flag) -%} coalesce({{ flag }}, '') = 'X' {%- endmacro %}

{#- First day of a posting period; fiscal years are calendar years. -#}
{% macro sap_period(year, month) -%}
    cast(cast({{ year }} as varchar) || '-' || lpad(cast({{ month }} as varchar), 2, '0') || '-01' as date)
{%- endmacro %}

{#- A day that is stored inverted: 99999999 minus YYYYMMDD. -#}
{% macro sap_inverted_day(inverted) -%}
    {%- set digits = 'cast(99999999 - ' ~ inverted ~ ' as varchar)' -%}
    cast(substr({{ digits }}, 1, 4) || '-' || substr({{ digits }}, 5, 2) || '-' || substr({{ digits }}, 7, 2) as date)
{%- endmacro %}

{#- First day of the running cycle: what is in force on it counts. -#}
{% macro sap_cycle_day() -%} cast('{{ env_var("SOP_CYCLE_ID") }}-01' as date) {%- endmacro %}

{#- Hours of a standard value, by the unit that stands beside it (base_sap__time_units, joined as `units`); 0 where the value is
    empty, empty where the unit is not known. -#}
{% macro sap_hours(value, units) -%}
    case when coalesce({{ value }}, 0) = 0 then 0 else cast({{ value }} as double precision) * {{ units }}.hours end
{%- endmacro %}
