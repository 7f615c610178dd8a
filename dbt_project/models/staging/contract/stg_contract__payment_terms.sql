{{ as_delivered('contract', 'payment_terms') }}
