{{ as_delivered('contract', 'items') }}
