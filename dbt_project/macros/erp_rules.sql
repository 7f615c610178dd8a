{#- What keeps a row out of erp.<table> and puts it into quarantine.<table>. A rule is one line: its id, the condition that
    the row breaks, the problem in words. Add here: rules that need rows of other tables, units or business sense. Keep out:
    empty required columns, values outside the accepted ones and repeated keys; those follow from the contract in
    models/erp/_erp__models.yml by themselves. Rules on the shape of files belong to ingest, plausibility to quality/.

    references: column(s) of this table -> table whose grain they must meet, among the rows accepted there. List these tables
    in an order without a circle.
    units: columns that staging leaves empty where it knows no factor to the base unit.
    newest_by: of rows with the same key the newest by this column wins; without it, all rows of a key with different content
    are kept out. Rows that repeat another word for word are kept out once.
    value: what a row is worth in its currency_code, of columns that staging fills also where it knows no unit; the share of
    it that may be kept out is limited as the share of rows is (tests/core/quarantine_stays_small.sql). -#}
{% macro erp_rules(table) %}
    {% set a_year_before_ordered = dbt.dateadd('day', -365, 'ordered_date') %}
    {% set not_first_of_month = 'period_start_date <> cast(' ~ dbt.date_trunc('month', 'period_start_date') ~ ' as date)' %}
    {% set all_rules = {
        'items': {},
        'item_sites': {
            'references': [['item_id', 'items'], ['site_id', 'sites']],
            'rules': [
                ['lead_time_out_of_range', 'make_lead_time_days < 0 or make_lead_time_days > 730', 'the lead time is not within 0 to 730 days'],
                ['stock_setting_negative', 'safety_stock_units < 0 or maximum_stock_units < 0 or safety_time_days < 0', 'a stock setting is negative'],
                ['lot_negative', 'lot_minimum_units < 0 or lot_multiple_units < 0 or lot_maximum_units < 0', 'a lot size is negative'],
                ['lots_contradict', 'lot_minimum_units > lot_maximum_units or lot_multiple_units > lot_maximum_units', 'the smallest lot, or the multiple, is above the largest lot'],
                ['scrap_out_of_range', 'scrap_ratio < 0 or scrap_ratio >= 1', 'the scrap ratio is not within 0 to below 1'],
            ],
        },
        'uom_conversions': {
            'references': [['item_id', 'items']],
            'rules': [
                ['factor_not_positive', 'numerator <= 0 or denominator <= 0', 'the factor is not above 0'],
                ['unit_to_itself', 'from_uom_id = to_uom_id', 'the unit is converted to itself'],
            ],
        },
        'sites': {},
        'companies': {},
        'calendars': {
            'rules': [
                ['hours_out_of_range', 'working_hours < 0 or working_hours > 24', 'the hours are not within 0 to 24'],
            ],
        },
        'payment_terms': {
            'rules': [
                ['days_out_of_range', 'net_days < 0 or net_days > 730 or discount_days < 0 or discount_days > net_days', 'the days are not within 0 to 730, or the discount ends after the net day'],
                ['discount_out_of_range', 'discount_ratio < 0 or discount_ratio >= 1', 'the discount is not within 0 to below 1'],
            ],
        },
        'activities': {
            'references': [['item_id', 'items']],
            'rules': [
                ['dates_reversed', 'end_date < start_date', 'the activity ends before it starts'],
                ['discount_out_of_range', 'discount_ratio < 0 or discount_ratio > 1', 'the discount is not within 0 to 1'],
            ],
        },
        'lanes': {
            'references': [['from_site_id', 'sites'], ['to_site_id', 'sites']],
            'rules': [
                ['lane_to_itself', 'from_site_id = to_site_id', 'the lane leads back to its own site'],
                ['lead_time_out_of_range', 'lead_time_days < 0 or lead_time_days > 730', 'the lead time is not within 0 to 730 days'],
                ['cost_negative', 'cost_per_unit < 0 or cost_per_kg < 0', 'the freight is negative'],
                ['limit_negative', 'maximum_units_per_month < 0', 'the limit is negative'],
            ],
        },
        'customers': {},
        'suppliers': {},
        'sales_order_lines': {
            'references': [['item_id', 'items'], ['site_id', 'sites'], ['customer_id', 'customers']],
            'units': ['ordered_units'],
            'newest_by': 'changed_at',
            'value': 'net_amount',
            'rules': [
                ['units_negative', 'ordered_units < 0', 'the ordered quantity is negative; a return is an order type'],
                ['price_negative', 'unit_price < 0', 'the price is negative'],
                ['requested_before_ordered', 'requested_date < ' ~ a_year_before_ordered, 'requested more than a year before it was ordered'],
            ],
        },
        'shipment_lines': {
            'references': [['item_id', 'items'], ['site_id', 'sites'], ['customer_id', 'customers']],
            'units': ['shipped_units'],
            'rules': [
                ['units_negative', 'shipped_units < 0', 'the shipped quantity is negative; a return has its own flag'],
            ],
        },
        'invoice_lines': {
            'references': [['item_id', 'items'], ['site_id', 'sites'], ['customer_id', 'customers']],
            'units': ['invoiced_units'],
            'value': 'net_amount',
        },
        'inventory_snapshots': {
            'references': [['item_id', 'items'], ['site_id', 'sites']],
            'units': ['on_hand_units'],
        },
        'inventory_movements': {
            'references': [['item_id', 'items'], ['site_id', 'sites']],
            'units': ['moved_units'],
            'value': 'movement_amount',
            'rules': [
                ['amount_without_currency', 'movement_amount is not null and currency_code is null', 'the amount has no currency'],
                ['sign_against_type', "movement_type in ('receipt', 'production', 'customer_return', 'transfer_in') and moved_units < 0 or movement_type in ('consumption', 'shipment', 'supplier_return', 'scrap', 'transfer_out') and moved_units > 0", 'the sign is not that of the movement: + into stock, - out of it; a reversal is an adjustment'],
            ],
        },
        'bom_lines': {
            'references': [['parent_item_id', 'items'], ['component_item_id', 'items'], ['site_id', 'sites']],
            'units': ['component_units'],
            'rules': [
                ['self_reference', 'parent_item_id = component_item_id', 'the item is a component of itself'],
                ['units_not_positive', 'component_units <= 0', 'the component quantity is not above 0'],
                ['scrap_out_of_range', 'scrap_ratio < 0 or scrap_ratio >= 1', 'the scrap ratio is not within 0 to below 1'],
                ['validity_reversed', 'valid_to_date < valid_from_date', 'the validity ends before it starts'],
            ],
        },
        'routing_operations': {
            'references': [['item_id', 'items'], ['site_id', 'sites'], ['resource_id', 'resources']],
            'rules': [
                ['hours_out_of_range', 'run_hours_per_unit < 0 or run_hours_per_unit > 1000 or setup_hours_per_lot < 0', 'hours are negative or above 1000 for one unit'],
                ['no_hours', 'run_hours_per_unit = 0 and setup_hours_per_lot = 0', 'the operation takes no time'],
                ['yield_out_of_range', 'yield_ratio <= 0 or yield_ratio > 1', 'the yield ratio is not within above 0 to 1'],
                ['validity_reversed', 'valid_to_date < valid_from_date', 'the validity ends before it starts'],
            ],
        },
        'resources': {
            'references': [['site_id', 'sites']],
            'rules': [
                ['cost_negative', 'cost_per_hour < 0', 'the cost of an hour is negative'],
            ],
        },
        'resource_capacities': {
            'references': [['resource_id', 'resources']],
            'rules': [
                ['not_first_of_month', not_first_of_month, 'the period does not start on the first of a month'],
                ['hours_negative', 'available_hours < 0 or overtime_maximum_hours < 0', 'hours are negative'],
                ['cost_negative', 'overtime_cost_per_hour < 0', 'the cost of an hour is negative'],
            ],
        },
        'downtimes': {
            'references': [['resource_id', 'resources']],
            'rules': [
                ['dates_reversed', 'end_date < start_date', 'the stop ends before it starts'],
                ['hours_negative', 'downtime_hours < 0', 'hours are negative'],
            ],
        },
        'storage_capacities': {
            'references': [['site_id', 'sites']],
            'rules': [
                ['not_first_of_month', not_first_of_month, 'the period does not start on the first of a month'],
                ['limit_negative', 'available_capacity < 0', 'the limit is negative'],
            ],
        },
        'production_orders': {
            'references': [['item_id', 'items'], ['site_id', 'sites']],
            'units': ['ordered_units', 'completed_units', 'scrapped_units'],
            'rules': [
                ['units_negative', 'ordered_units < 0 or completed_units < 0 or scrapped_units < 0', 'a quantity is negative'],
            ],
        },
        'operation_confirmations': {
            'references': [['resource_id', 'resources']],
            'rules': [
                ['hours_negative', 'confirmed_hours < 0', 'hours are negative'],
            ],
        },
        'purchase_order_lines': {
            'references': [['supplier_id', 'suppliers'], ['item_id', 'items'], ['site_id', 'sites']],
            'units': ['ordered_units', 'received_units'],
            'value': 'ordered_units * unit_price',
            'rules': [
                ['units_negative', 'ordered_units < 0 or received_units < 0', 'a quantity is negative'],
                ['price_negative', 'unit_price < 0', 'the price is negative'],
            ],
        },
        'purchase_receipts': {
            'references': [
                ['supplier_id', 'suppliers'], ['item_id', 'items'], ['site_id', 'sites'],
                ['purchase_order_id, line_id', 'purchase_order_lines'],
            ],
            'units': ['received_units', 'rejected_units'],
            'rules': [
                ['units_negative', 'received_units < 0 or rejected_units < 0', 'a quantity is negative'],
                ['rejected_above_received', 'rejected_units > received_units', 'more was rejected than received'],
            ],
        },
        'transfer_orders': {
            'references': [['item_id', 'items'], ['from_site_id', 'sites'], ['to_site_id', 'sites']],
            'units': ['shipped_units'],
            'rules': [
                ['units_negative', 'shipped_units < 0', 'the quantity is negative'],
                ['transfer_to_itself', 'from_site_id = to_site_id', 'the transfer leads back to its own site'],
            ],
        },
        'supplier_items': {
            'references': [['supplier_id', 'suppliers'], ['item_id', 'items'], ['site_id', 'sites']],
            'rules': [
                ['lead_time_out_of_range', 'lead_time_days < 0 or lead_time_days > 730', 'the lead time is not within 0 to 730 days'],
                ['price_negative', 'unit_price < 0', 'the price is negative'],
                ['lot_negative', 'minimum_order_units < 0 or lot_multiple_units < 0', 'a lot size is negative'],
                ['share_out_of_range', 'share_ratio < 0 or share_ratio > 1', 'the share is not within 0 to 1'],
                ['validity_reversed', 'valid_to_date < valid_from_date', 'the validity ends before it starts'],
            ],
        },
        'supplier_capacities': {
            'references': [['supplier_id', 'suppliers'], ['item_id', 'items']],
            'rules': [
                ['not_first_of_month', not_first_of_month, 'the period does not start on the first of a month'],
                ['limit_negative', 'available_units < 0', 'the limit is negative'],
            ],
        },
        'standard_costs': {
            'references': [['item_id', 'items'], ['site_id', 'sites']],
            'rules': [
                ['cost_negative', 'unit_cost < 0', 'the cost is negative'],
            ],
        },
        'prices': {
            'references': [['item_id', 'items']],
            'rules': [
                ['price_negative', 'unit_price < 0', 'the price is negative'],
                ['validity_reversed', 'valid_to_date < valid_from_date', 'the validity ends before it starts'],
            ],
        },
        'fx_rates': {
            'rules': [
                ['rate_not_positive', 'rate <= 0', 'the rate is not above 0'],
            ],
        },
        'ledger_balances': {
            'references': [['company_id', 'companies']],
            'value': 'period_amount',
            'rules': [
                ['not_first_of_month', not_first_of_month, 'the period does not start on the first of a month'],
            ],
        },
        'goals': {
            'rules': [
                ['not_first_of_month', not_first_of_month, 'the period does not start on the first of a month'],
            ],
        },
    } %}
    {{ return(all_rules[table]) }}
{% endmacro %}
