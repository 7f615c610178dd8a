{{ from_system('routing_operations') }}
