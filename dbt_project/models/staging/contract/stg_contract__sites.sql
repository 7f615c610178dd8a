{{ as_delivered('contract', 'sites') }}
