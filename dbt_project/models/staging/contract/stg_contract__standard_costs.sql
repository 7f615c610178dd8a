{{ as_delivered('contract', 'standard_costs') }}
