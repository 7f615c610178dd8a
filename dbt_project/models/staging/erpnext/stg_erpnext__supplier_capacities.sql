{{ as_delivered('erpnext', 'supplement_supplier_capacities') }}
