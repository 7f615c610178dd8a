{{ from_system('operation_confirmations') }}
