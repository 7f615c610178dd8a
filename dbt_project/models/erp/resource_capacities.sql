{{ from_system('resource_capacities') }}
