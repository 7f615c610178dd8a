{{ as_delivered('contract', 'resource_capacities', {'stated_hours': 'available_hours'}) }}
