{{ as_delivered('erpnext', 'supplement_storage_capacities') }}
