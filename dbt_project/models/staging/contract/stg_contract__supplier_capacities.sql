{{ as_delivered('contract', 'supplier_capacities') }}
