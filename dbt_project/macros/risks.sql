{#- What the risks of supply share (models/marts/supply/risks, marts.fct_supply_risks).
    Add here: an expression that two kinds of risk need. Keep out: a kind of risk (a model of its own). -#}

{#- Columns of every kind of risk, in their order. likelihood is hits out of chances, or what people say; impact is of one event. -#}
{% macro risk_columns() -%}
    {{ return([
        'risk_kind', 'object_type', 'object_id', 'period_start_date', 'likelihood_basis', 'hit_count', 'chance_count',
        'likelihood_ratio', 'impact_basis', 'impact_units', 'impact_margin',
    ]) }}
{%- endmacro %}

{#- Kinds of risk: each a model risk_<kind> of models/marts/supply/risks. -#}
{% macro risk_kinds() -%}
    {{ return(['supplier_unreliable', 'single_source', 'long_lead_time', 'limit', 'event', 'stoppage', 'expiring_terms']) }}
{%- endmacro %}

{#- Closed months on which likelihoods are measured. -#}
{% macro risk_months() -%} 24 {%- endmacro %}

{#- Months of supply that every line due in a month must have lost for the source to count as failed. -#}
{% macro risk_failure_months() -%} 1 {%- endmacro %}

{#- Months with which the record of all purchases counts beside that of an item. -#}
{% macro risk_prior_chances() -%} 6 {%- endmacro %}

{#- Share of its hours from which on a resource counts as nearly full in the plan. -#}
{% macro nearly_full_ratio() -%} 0.95 {%- endmacro %}
