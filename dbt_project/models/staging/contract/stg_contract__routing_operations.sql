{{ as_delivered('contract', 'routing_operations') }}
