{{ as_delivered('contract', 'lanes') }}
