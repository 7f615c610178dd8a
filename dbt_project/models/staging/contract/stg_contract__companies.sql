{{ as_delivered('contract', 'companies') }}
