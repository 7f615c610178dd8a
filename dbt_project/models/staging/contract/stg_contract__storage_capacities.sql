{{ as_delivered('contract', 'storage_capacities') }}
