{{ as_delivered('contract', 'suppliers') }}
