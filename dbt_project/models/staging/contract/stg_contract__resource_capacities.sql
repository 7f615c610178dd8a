{{ as_delivered('contract', 'resource_capacities') }}
