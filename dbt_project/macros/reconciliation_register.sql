{#- What is reconciled every cycle. Each is a model reconciliation_<id> (models/marts/start/reconciliations) with the columns
    object_id, period_start_date, left_value, right_value, difference, checked_count, differing_count and currency_code; no row
    means that the system does not deliver what it needs. To add one: its line here, its model, its unit tests.

    How severe a difference is stands here, and nowhere else:
    tolerance_ratio: share of the right side that may differ without a word; beyond it the cycle goes on with a warning.
    tolerance: what may differ in any case, for rounding.
    stop_ratio: share of the right side beyond which the last closed month stops the cycle, `beyond_limit`: two totals that the
    ERP itself delivered, and no plan on either. Earlier months only warn: their own cycles judged them. none = never stops.
    Others, with their reason, go into planning_parameters (scope reconciliation, scope_id the id): parameter_id
    reconciliation_maximum_ratio for the tolerance, reconciliation_stop_ratio for the limit. -#}
{% macro reconciliation_register() %}
    {{ return([
        {'id': 'control_totals', 'name': 'Money delivered is money taken over or kept out',
         'left_name': 'net amount of the rows that came', 'right_name': 'of the rows accepted, and of those kept out with a reason',
         'unit': 'currency_code', 'tolerance_ratio': 0, 'tolerance': 0, 'stop_ratio': 0},
        {'id': 'order_lines', 'name': 'Order lines are shipped, open or cancelled',
         'left_name': 'units ordered', 'right_name': 'units shipped, still open, and cancelled',
         'unit': 'base units', 'tolerance_ratio': 0.001, 'tolerance': 0, 'stop_ratio': none},
        {'id': 'order_shipments', 'name': 'What orders say was shipped is what shipments say',
         'left_name': 'units shipped by the order lines', 'right_name': 'units of their shipments',
         'unit': 'base units', 'tolerance_ratio': 0.001, 'tolerance': 0, 'stop_ratio': 0.05},
        {'id': 'stock', 'name': 'Opening stock plus movements is closing stock',
         'left_name': 'opening stock and movements', 'right_name': 'closing stock',
         'unit': 'base units', 'tolerance_ratio': 0.001, 'tolerance': 0, 'stop_ratio': 0.05},
        {'id': 'revenue', 'name': 'Revenue invoiced is revenue in the ledger',
         'left_name': 'net amount invoiced', 'right_name': 'revenue of the ledger',
         'unit': 'currency_code', 'tolerance_ratio': 0.005, 'tolerance': 1, 'stop_ratio': 0.05},
        {'id': 'stock_value', 'name': 'Value of the stock is inventory in the ledger',
         'left_name': 'value of the month-end stock', 'right_name': 'inventory of the ledger',
         'unit': 'currency_code', 'tolerance_ratio': 0.005, 'tolerance': 1, 'stop_ratio': 0.10},
    ]) }}
{% endmacro %}

{#- Books that a site belongs to: the company it names, or the only one there is. -#}
{% macro companies_of_sites(sites, companies) %}
    select
        sites.site_id,
        companies.company_id,
        companies.currency_code
    from {{ sites }} as sites
    inner join {{ companies }} as companies
        on sites.company_id = companies.company_id
        or (sites.company_id is null and companies.company_id = (select min(company_id) from {{ companies }} having count(*) = 1))
{% endmacro %}
