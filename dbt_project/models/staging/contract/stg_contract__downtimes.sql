{{ as_delivered('contract', 'downtimes') }}
