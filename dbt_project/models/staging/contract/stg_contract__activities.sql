{{ as_delivered('contract', 'activities') }}
