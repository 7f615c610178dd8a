{{ as_delivered('contract', 'supplier_items') }}
