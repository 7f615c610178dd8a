{{ as_delivered('contract', 'resources') }}
