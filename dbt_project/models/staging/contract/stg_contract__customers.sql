{{ as_delivered('contract', 'customers') }}
