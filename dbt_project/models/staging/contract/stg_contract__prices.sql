{{ as_delivered('contract', 'prices') }}
