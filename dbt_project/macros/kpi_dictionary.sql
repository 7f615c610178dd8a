{#- The KPIs: what each is, how it is computed, how its status is read. The one place where they are listed.
    A new KPI is a row here and its model `kpi_<kpi_id>` under models/marts/meeting/kpis, with a unit test where its formula
    is its own: the scorecard, the dictionary and the terms read this list. Targets are the planner's (planner.kpi_targets), by kpi_id. -#}
{% macro kpi_dictionary() %}
    {% set kpis = [
        {
            'kpi_id': 'revenue_to_budget', 'kpi_name': 'Revenue to budget, month',
            'process_step': 'start', 'unit': 'ratio', 'better_is': 'higher',
            'formula': 'Revenue invoiced in the last closed month / its budget', 'source': 'fct_business_review',
        },
        {
            'kpi_id': 'revenue_to_budget_year_to_date', 'kpi_name': 'Revenue to budget, year to date',
            'process_step': 'start', 'unit': 'ratio', 'better_is': 'higher',
            'formula': 'Revenue invoiced from January through the last closed month / its budget', 'source': 'fct_business_review',
        },
        {
            'kpi_id': 'gross_margin_to_budget', 'kpi_name': 'Gross margin to budget, month',
            'process_step': 'start', 'unit': 'ratio', 'better_is': 'higher',
            'formula': '(Revenue - standard cost of sales) of the last closed month / its budget', 'source': 'fct_business_review',
        },
        {
            'kpi_id': 'gross_margin_to_budget_year_to_date', 'kpi_name': 'Gross margin to budget, year to date',
            'process_step': 'start', 'unit': 'ratio', 'better_is': 'higher',
            'formula': '(Revenue - standard cost of sales) from January through the last closed month / its budget',
            'source': 'fct_business_review',
        },
        {
            'kpi_id': 'gross_margin_ratio', 'kpi_name': 'Gross margin',
            'process_step': 'start', 'unit': 'ratio', 'better_is': 'higher',
            'formula': '(Revenue - standard cost of sales) / revenue, last closed month', 'source': 'fct_business_review',
        },
        {
            'kpi_id': 'forecast_accuracy_lag_0', 'kpi_name': 'Forecast accuracy, lag 0',
            'process_step': 'demand_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': '1 - sum of |forecast - actual| over item, site and channel / sum of actual, not below 0; last closed month, forecast made by the cycle of that month',
            'source': 'fct_forecast_performance',
        },
        {
            'kpi_id': 'forecast_accuracy_lag_1', 'kpi_name': 'Forecast accuracy, lag 1',
            'process_step': 'demand_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': '1 - sum of |forecast - actual| over item, site and channel / sum of actual, not below 0; last closed month, forecast made by the cycle of the month before it',
            'source': 'fct_forecast_performance',
        },
        {
            'kpi_id': 'forecast_bias_lag_0', 'kpi_name': 'Forecast bias, lag 0',
            'process_step': 'demand_review', 'unit': 'ratio', 'better_is': 'target',
            'formula': 'Sum of (forecast - actual) / sum of actual, positive = over-forecast; last closed month, forecast made by the cycle of that month',
            'source': 'fct_forecast_performance',
        },
        {
            'kpi_id': 'forecast_bias_lag_1', 'kpi_name': 'Forecast bias, lag 1',
            'process_step': 'demand_review', 'unit': 'ratio', 'better_is': 'target',
            'formula': 'Sum of (forecast - actual) / sum of actual, positive = over-forecast; last closed month, forecast made by the cycle of the month before it',
            'source': 'fct_forecast_performance',
        },
        {
            'kpi_id': 'forecast_value_added_lag_1', 'kpi_name': 'Forecast value added, lag 1',
            'process_step': 'demand_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': '(Sum of |seasonal naive - actual| - sum of |forecast - actual|) / sum of actual; last closed month, forecast made by the cycle of the month before it',
            'source': 'fct_forecast_performance',
        },
        {
            'kpi_id': 'customer_otif', 'kpi_name': 'Customer OTIF',
            'process_step': 'supply_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': 'Order lines shipped in full by the requested day / order lines requested in the last closed month, cancelled lines and returns apart',
            'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'fill_rate', 'kpi_name': 'Fill rate',
            'process_step': 'supply_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': 'Units shipped by the requested day / units requested in the last closed month, cancelled lines and returns apart',
            'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'supplier_otif', 'kpi_name': 'Supplier OTIF',
            'process_step': 'supply_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': 'Receipts on the promised day and in full / receipts promised for the last closed month, overdue open lines included',
            'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'supplier_lead_time_error', 'kpi_name': 'Lead-time error of suppliers',
            'process_step': 'supply_review', 'unit': 'days', 'better_is': 'target',
            'formula': 'Mean days from the day promised to the last receipt of a line, positive = late; purchase order lines received that were promised for the last closed month',
            'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'purchase_adherence', 'kpi_name': 'Adherence of purchases to plan',
            'process_step': 'supply_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': '1 - sum of |ordered - planned| / sum of planned over item, site and supplier, last closed month as the cycle of that month planned it',
            'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'plan_attainment_mix', 'kpi_name': 'Plan attainment, mix',
            'process_step': 'supply_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': 'Sum of the smaller of made and planned / sum of planned, by item and plant; last closed month against the plan published by its own cycle',
            'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'plan_attainment_volume', 'kpi_name': 'Plan attainment, volume',
            'process_step': 'supply_review', 'unit': 'ratio', 'better_is': 'target',
            'formula': 'Sum of made / sum of planned; last closed month against the plan published by its own cycle',
            'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'capacity_utilisation', 'kpi_name': 'Capacity utilisation',
            'process_step': 'supply_review', 'unit': 'ratio', 'better_is': 'target',
            'formula': 'Confirmed hours / regular hours of all resources, last closed month; above 1 with overtime',
            'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'production_yield', 'kpi_name': 'Production yield',
            'process_step': 'supply_review', 'unit': 'ratio', 'better_is': 'higher',
            'formula': 'Completed units / (completed + scrapped units), last closed month', 'source': 'fct_supply_performance',
        },
        {
            'kpi_id': 'inventory_turns', 'kpi_name': 'Inventory turns',
            'process_step': 'supply_review', 'unit': 'turns per year', 'better_is': 'higher',
            'formula': 'Standard cost of sales of the last twelve closed months (scaled to a year where fewer are on file) / mean stock value of the last thirteen month ends on file',
            'source': 'fct_inventory_performance',
        },
        {
            'kpi_id': 'days_of_inventory', 'kpi_name': 'Days of inventory',
            'process_step': 'supply_review', 'unit': 'days', 'better_is': 'lower',
            'formula': '365 x mean stock value / annual standard cost of sales, as in inventory turns', 'source': 'fct_inventory_performance',
        },
        {
            'kpi_id': 'planned_demand_fulfilment', 'kpi_name': 'Demand the plan delivers',
            'process_step': 'pre_sop', 'unit': 'ratio', 'better_is': 'higher',
            'formula': 'Delivered units / (delivered + lost units + backlog at the end of the horizon), plan of record', 'source': 'fct_constrained_demand',
        },
        {
            'kpi_id': 'full_year_revenue_to_budget', 'kpi_name': 'Expected full-year revenue to budget',
            'process_step': 'pre_sop', 'unit': 'ratio', 'better_is': 'higher',
            'formula': '(Revenue of the closed months + revenue of the plan of record for the others) of the calendar year of the cycle / budget of that year',
            'source': 'fct_gap_to_goal',
        },
    ] %}
    {{ return(kpis) }}
{% endmacro %}

{#- How a status is read, by what is better. The scorecard's CASE says the same in SQL. -#}
{% macro kpi_status_rule(better_is) %}
    {% set rules = {
        'higher': 'green at or above the target, amber within the tolerance below it, red beyond',
        'lower': 'green at or below the target, amber within the tolerance above it, red beyond',
        'target': 'green within half of the tolerance on either side of the target, amber within the tolerance, red beyond',
    } %}
    {{ return(rules[better_is]) }}
{% endmacro %}
