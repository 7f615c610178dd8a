{#- Named checks: what an assumption is held against and the effect of an action is measured by. Each is a quotient of two
    sums over whole closed months, at a scope. An assumption that names none of them is kept out on arrival, with this list
    (accepted values of planner.assumptions.metric and planner.actions.metric; tests/dbt/test_measures.py holds them alike).
    Add here: a measure: its facts (a common table expression of models/marts/demand/measures/measure_facts.sql with scope,
    scope_id and period_start_date) and what is divided by what. Keep out: windows and verdicts (the marts). -#}
{% macro measure_register() %}
    {{ return([
        {'metric': 'units', 'facts': 'demand', 'numerator': 'units', 'denominator': '1', 'unit': 'base units a month'},
        {'metric': 'revenue', 'facts': 'demand', 'numerator': 'revenue', 'denominator': '1', 'unit': 'company currency a month'},
        {'metric': 'order_lines', 'facts': 'demand', 'numerator': 'order_lines', 'denominator': '1', 'unit': 'order lines a month'},
        {'metric': 'unit_price', 'facts': 'demand', 'numerator': 'revenue', 'denominator': 'units', 'unit': 'company currency per unit'},
        {'metric': 'units_to_last_year', 'facts': 'demand', 'numerator': 'units', 'denominator': 'units_year_before', 'unit': 'ratio to last year'},
        {'metric': 'revenue_to_last_year', 'facts': 'demand', 'numerator': 'revenue', 'denominator': 'revenue_year_before', 'unit': 'ratio to last year'},
        {'metric': 'units_share', 'facts': 'demand', 'numerator': 'units', 'denominator': 'company_units', 'unit': 'ratio to the company'},
        {'metric': 'forecast_accuracy', 'facts': 'accuracy', 'numerator': 'actual_units - absolute_error_units', 'denominator': 'actual_units', 'unit': 'ratio'},
        {'metric': 'forecast_bias', 'facts': 'accuracy', 'numerator': 'error_units', 'denominator': 'actual_units', 'unit': 'ratio'},
        {'metric': 'customer_otif', 'facts': 'service', 'numerator': 'lines_in_full', 'denominator': 'lines', 'unit': 'ratio'},
        {'metric': 'lead_time_days', 'facts': 'receipts', 'numerator': 'lead_time_days', 'denominator': 'receipts', 'unit': 'days'},
        {'metric': 'exchange_rate', 'facts': 'rates', 'numerator': 'rate', 'denominator': 'days', 'unit': 'company currency per currency of the site'},
        {'metric': 'market_index', 'facts': 'indices', 'numerator': 'index_value', 'denominator': '1', 'unit': 'as the index'},
    ]) }}
{% endmacro %}

{#- A metric as it is measured: `units` or `revenue` in the unit `ratio to last year` is that ratio. -#}
{% macro measured_metric(relation) -%}
    case
        when {{ relation }}.metric in ('units', 'revenue') and {{ relation }}.unit = 'ratio to last year' then {{ relation }}.metric || '_to_last_year'
        else {{ relation }}.metric
    end
{%- endmacro %}

{#- Months before an action was opened, and after it was done, over which its measure is taken. -#}
{% macro effect_months() -%} 3 {%- endmacro %}
