{{ as_delivered('contract', 'fx_rates') }}
