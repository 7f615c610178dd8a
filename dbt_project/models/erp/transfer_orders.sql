{{ from_system('transfer_orders') }}
