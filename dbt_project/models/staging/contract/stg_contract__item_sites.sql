{{ as_delivered('contract', 'item_sites') }}
