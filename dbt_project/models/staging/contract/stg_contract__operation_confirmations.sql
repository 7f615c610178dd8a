{{ as_delivered('contract', 'operation_confirmations') }}
