{{ as_delivered('contract', 'supplier_items', {'is_in_base_uom': 'true'}) }}
