{{ from_system('production_orders') }}
