{#- What holds where nobody has declared anything. Rows of planner.planning_parameters and planner.priorities win over these;
    core.fct_parameters.is_declared and core.dim_channels show which one is in force. A new default is one line. -#}

{#- Scope company, identifier `all`. -#}
{% macro parameter_defaults() %}
    {{ return({
        'holding_cost_ratio_per_year': 0.20,
        'below_target_cost_ratio_per_month': 0.02,
        'above_maximum_cost_ratio_per_month': 0.10,
        'review_months': 1,
        'activity_uplift_ratio': 0,
        'sales_forecast_prior_weight_ratio': 0.25,
        'sales_forecast_due_days': 5,
        'cycle_service_ratio': 0.95,
        'capacity_quantile': 0.95,
        'overtime_maximum_ratio': 0.20,
        'overtime_cost_factor': 1.5,
        'excess_months': 6,
        'source_share_tolerance_ratio': 0.05,
        'whole_lots_gap_ratio': 0.003,
        'whole_lots_time_limit_seconds': 300,
        'head_hours_per_day': 8,
        'head_productive_ratio': 0.85,
        'quarantine_maximum_ratio': 0.005,
        'exchange_rate_maximum_age_days': 35,
        'a_items_without_source_maximum_count': 0,
        'volume_without_routing_maximum_ratio': 0.02,
        'unpriced_demand_maximum_ratio': 0.01,
        'tracking_signal_limit': 4,
        'conflict_minimum_ratio': 0.15,
        'parameter_minimum_observations': 3,
        'parameter_false_discovery_ratio': 0.05,
        'purchase_lead_time_tolerance_days': 4,
        'make_lead_time_tolerance_days': 1,
        'lane_lead_time_tolerance_days': 1,
        'yield_tolerance_ratio': 0.015,
        'run_hours_tolerance_ratio': 0.05,
        'minimum_order_exception_ratio': 0.10,
        'lot_minimum_exception_ratio': 0.60,
        'lot_multiple_exception_ratio': 0.10,
        'component_scrap_tolerance_ratio': 0.02,
        'safety_time_tolerance_days': 2,
        'safety_stock_tolerance_ratio': 0.25,
    }) }}
{% endmacro %}

{#- A channel that planner.priorities does not name comes after all that it names. -#}
{% macro channel_defaults() %}
    {{ return({
        'backlog_cost_ratio': 0.05,
        'lost_sale_cost_ratio': 0.10,
        'backlog_maximum_ratio': 0.50,
    }) }}
{% endmacro %}

{#- Months from the cycle's own month at which the zones after the frozen one end: a quarter, a year. -#}
{% macro zone_ends() %}
    {{ return({'short': 3, 'mid': 12}) }}
{% endmacro %}

{#- Mean days of a month, by which lead times in days become months. -#}
{% macro days_per_month() %}30.4375{% endmacro %}

{#- An order that is overdue by more days is counted, and flagged: somebody should ask for it. -#}
{% macro stale_order_days() %}90{% endmacro %}

{#- Months after its last order in which an item that is not on the shelf is still asked for. -#}
{% macro silent_months() %}3{% endmacro %}

{#- Days at each end of a month on which a posting may belong to the month beside it. -#}
{% macro edge_days() %}3{% endmacro %}

{#- Closed months whose working days are known: five whole years, in which every calendar month counts the same. -#}
{% macro calendar_months() %}60{% endmacro %}

{#- Stock that the plan may use. What stands at a work centre is used there, or goes to store, within the month. -#}
{% macro free_stock_statuses() %}{{ return(['unrestricted', 'in_process']) }}{% endmacro %}
