{{ from_system('payment_terms') }}
