{{ from_system('storage_capacities') }}
